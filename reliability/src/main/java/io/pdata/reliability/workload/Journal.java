package io.pdata.reliability.workload;

/**
 * Is told what has been promised. Between the two calls a crash may leave this state or the one before.
 *
 * @param <C> what describes a content
 */
public interface Journal<C> {
    /** A content is about to be committed. */
    void asked(C content);

    /** The content that was asked for last is durable. */
    void acknowledged(C content);

    /** A journal that forgets. */
    static <C> Journal<C> none() {
        return new Journal<>() {
            @Override
            public void asked(C content) {}

            @Override
            public void acknowledged(C content) {}
        };
    }
}
