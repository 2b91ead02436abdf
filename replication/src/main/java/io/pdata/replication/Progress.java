package io.pdata.replication;

/** Gets told how far a copy is. Called by the thread that copies. */
public interface Progress {
    /** Nobody who wants to know. */
    Progress NONE = new Progress() {
        @Override
        public void total(long bytes) {
            // nobody wants to know
        }

        @Override
        public void done(long bytes) {
            // nobody wants to know
        }
    };

    /** About how many bytes of data there are to copy; said once, before the first of them. */
    void total(long bytes);

    /** So many more have been copied. */
    void done(long bytes);
}
