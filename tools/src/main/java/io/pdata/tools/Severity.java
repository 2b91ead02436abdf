package io.pdata.tools;

/** How much a {@link Finding} matters. */
public enum Severity {
    /** What the metadata say cannot be relied on, or whoever uses them would do harm. */
    FATAL,
    /** Nothing is lost, but something is wasted or misreported until it is repaired: a leak, a wrong total. */
    NON_FATAL,
    /** Odd, but harmless: nothing needs to be done. */
    NOTICE
}
