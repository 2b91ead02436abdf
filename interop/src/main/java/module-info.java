/** No code of its own: tests against judges that are not this project's. */
module io.pdata.interop {
}
