package io.pdata.reliability.workload;

/** What can be done to a workload; what exactly that is, is each workload's affair. */
public enum Step {
    /** Adds what was not there. */
    INSERT,
    /** Replaces what is there. */
    OVERWRITE,
    /** Removes some of what is there. */
    REMOVE,
    /** Makes a second thing with the content of another. */
    CLONE,
    /** Removes a thing with its content. */
    DELETE,
    /** Enlarges the device, or what is counted in it. */
    EXTEND,
    /** Takes a metadata snapshot. */
    RESERVE,
    /** Gives up the metadata snapshot. */
    RELEASE,
    /** Begins a new era. */
    ROLL_OVER,
    /** Digests a part of what has been archived. */
    DIGEST,
    /** Shuts down in order, and goes on. */
    SHUT_DOWN,
    /** Makes the running transaction durable. */
    COMMIT,
    /** Rolls the running transaction back. */
    ABORT
}
