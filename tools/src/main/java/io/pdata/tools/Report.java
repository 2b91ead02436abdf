package io.pdata.tools;

/** Where a tool says what it is doing and what it has found out. */
public interface Report {

    /** A new stage begins: for somebody who waits. */
    void stage(String title);

    /** A line of the result. */
    void result(String line);

    /** A line about something that is wrong, or worth knowing. */
    void problem(String line);

    /** Says nothing at all. */
    Report SILENT = new Report() {
        @Override
        public void stage(String title) {}

        @Override
        public void result(String line) {}

        @Override
        public void problem(String line) {}
    };
}
