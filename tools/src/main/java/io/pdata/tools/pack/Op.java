package io.pdata.tools.pack;

/**
 * The instructions of block programs: the high half of a byte. The low half is a small number, the size of the operand, or
 * the upper bits of a number of which the next byte has the rest.
 */
final class Op {
    /** The number to go on from, which is emitted. */
    static final int SET = 0;
    /** Goes up by a small step, and emits. */
    static final int UP = 1;
    static final int UP_WIDE = 2;
    /** Goes down by a small step, and emits. */
    static final int DOWN = 3;
    static final int DOWN_WIDE = 4;
    /** Emits the same number some times. */
    static final int CONST = 5;
    static final int CONST_WIDE = 6;
    /** How often the next instruction is to be done. */
    static final int COUNT = 7;
    static final int COUNT_WIDE = 8;
    /** Bytes as they are. */
    static final int LITERAL = 9;
    static final int LITERAL_WIDE = 10;
    /** Numbers in two parts: first the upper bits of all of them, then the lower ones. */
    static final int SHIFTED_RUN = 11;

    /** Numbers below fit into half a byte. */
    static final int LIMIT = 16;

    private Op() {}
}
