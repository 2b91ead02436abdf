package io.pdata.tools.pack;

import io.pdata.core.block.Bytes;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Runs block programs. Nothing in them is believed: a program that makes more or less than a block, or that goes on without
 * making anything, is a {@link PackException}. Not thread-safe. Source: format document "tools-xml", section 6.2.
 */
final class ProgramReader {
    /** More than any program needs that makes something with each instruction but those that count. */
    private static final int MOST_INSTRUCTIONS = 2 * Bytes.BLOCK_SIZE;
    private static final int TIME_BITS = 24;
    private static final long TIME = (1 << TIME_BITS) - 1;

    private static final VarHandle NUMBER = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final FrameInput in;
    private final byte[] high = new byte[Bytes.BLOCK_SIZE];
    private final byte[] low = new byte[Bytes.BLOCK_SIZE];
    private int instructions;
    private long base;

    ProgramReader(FrameInput in) {
        this.in = in;
    }

    /** Runs the next program; fills {@code block}. */
    void run(byte[] block) {
        instructions = 0;
        base = 0;
        new Target(block, Bytes.BLOCK_SIZE).fill(true);
    }

    /** Where a program's output goes. */
    private final class Target {
        private final byte[] bytes;
        private final int length;
        private int filled;
        private long count = 1;

        Target(byte[] bytes, int length) {
            this.bytes = bytes;
            this.length = length;
        }

        /** @param whole whether this is the block, not a part of its numbers */
        void fill(boolean whole) {
            while (filled < length) {
                if (++instructions > MOST_INSTRUCTIONS) {
                    throw new PackException("a block has a program without an end");
                }
                int instruction = in.readByte();
                execute(instruction >>> 4, instruction & 0xF, whole);
            }
        }

        private void execute(int op, int n, boolean whole) {
            long times = count;
            count = 1;
            switch (op) {
            case Op.SET -> {
                base = in.readNumber(n);
                emit(times);
            }
            case Op.UP -> step(n, times);
            case Op.UP_WIDE -> step(in.readNumber(n), times);
            case Op.DOWN -> step(-n, times);
            case Op.DOWN_WIDE -> step(-in.readNumber(n), times);
            case Op.CONST -> emit(n);
            case Op.CONST_WIDE -> emit(n << Byte.SIZE | in.readByte());
            case Op.COUNT -> count = n;
            case Op.COUNT_WIDE -> count = n << Byte.SIZE | in.readByte();
            case Op.LITERAL -> literal(n);
            case Op.LITERAL_WIDE -> literal(in.readNumber(n));
            case Op.SHIFTED_RUN -> shifted(n << Byte.SIZE | in.readByte(), whole);
            default -> throw new PackException("a block has a program with an unknown instruction, " + op);
            }
        }

        private void step(long distance, long times) {
            room(times * Long.BYTES);
            long number = base;
            int at = filled;
            for (int i = 0; i < times; i++, at += Long.BYTES) {
                number += distance;
                NUMBER.set(bytes, at, number);
            }
            base = number;
            filled = at;
        }

        private void emit(long times) {
            room(times * Long.BYTES);
            long number = base;
            int end = filled + (int) times * Long.BYTES;
            for (int at = filled; at < end; at += Long.BYTES) {
                NUMBER.set(bytes, at, number);
            }
            filled = end;
        }

        private void literal(long count) {
            room(count);
            in.readBytes(bytes, filled, (int) count);
            filled += (int) count;
        }

        private void shifted(int numbers, boolean whole) {
            if (!whole) {
                throw new PackException("a block has numbers in more than two parts");
            }
            room((long) numbers * Long.BYTES);
            new Target(high, numbers * Long.BYTES).fill(false);
            new Target(low, numbers * Long.BYTES).fill(false);
            for (int at = 0; at < numbers * Long.BYTES; at += Long.BYTES) {
                long number = (long) NUMBER.get(high, at) << TIME_BITS | (long) NUMBER.get(low, at) & TIME;
                NUMBER.set(bytes, filled + at, number);
            }
            filled += numbers * Long.BYTES;
        }

        private void room(long more) {
            if (Long.compareUnsigned(more, length - filled) > 0) {
                throw new PackException("a block has a program that makes more than a block");
            }
        }
    }
}
