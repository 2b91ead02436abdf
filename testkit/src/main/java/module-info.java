/** What the tests of all modules share. */
module io.pdata.testkit {
    requires static org.junit.jupiter.api;
    requires org.tukaani.xz;
    requires jdk.management;

    exports io.pdata.testkit;
}
