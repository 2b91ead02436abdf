/** No code of its own: tests against judges that are not this project's. */
module io.pdata.interop {
    // Of its tests, which read the dumps of the reference tools.
    requires java.xml;
}
