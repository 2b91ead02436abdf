package io.pdata.interop.kernel;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.stream.Stream;

/**
 * What the tests put into a data block: a number at its beginning and one at its end, zeroes between. A whole write
 * sets both, a write of the first {@value #PART} bytes only the first: so a copy that lost a part shows.
 *
 * @param head the number in the first 8 bytes
 * @param tail the number in the last 8 bytes
 */
record BlockContent(long head, long tail) {
    static final BlockContent ZERO = new BlockContent(0, 0);
    static final int PART = 4096;

    static BlockContent whole(long tag) {
        return new BlockContent(tag, tag);
    }

    BlockContent withHead(long tag) {
        return new BlockContent(tag, tail);
    }

    /** The MD5 sum of blocks that follow each other. */
    static String md5(Stream<BlockContent> blocks, int blockBytes) {
        try {
            MessageDigest digest = MessageDigest.getInstance("MD5");
            ByteBuffer buffer = ByteBuffer.allocate(blockBytes).order(ByteOrder.LITTLE_ENDIAN);
            blocks.forEachOrdered(block -> {
                buffer.putLong(0, block.head).putLong(blockBytes - Long.BYTES, block.tail);
                digest.update(buffer.clear());
            });
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Makes a sparse image whose block {@code t} is {@code whole(t)}: where a guest copies from. */
    static void source(Path image, int blockBytes, int blocks) {
        try (Image out = Image.create(image, (long) blocks * blockBytes)) {
            for (int tag = 0; tag < blocks; tag++) {
                out.write(tag, blockBytes, whole(tag));
            }
        }
    }

    /** An image of data blocks, on the host. */
    static final class Image implements AutoCloseable {
        private final FileChannel channel;
        private final ByteBuffer number = ByteBuffer.allocateDirect(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);

        private Image(FileChannel channel) {
            this.channel = channel;
        }

        static Image open(Path path) {
            try {
                return new Image(FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        /** A new, sparse file. */
        static Image create(Path path, long bytes) {
            try {
                FileChannel channel = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.READ,
                        StandardOpenOption.WRITE, StandardOpenOption.SPARSE);
                if (channel.size() < bytes) {
                    channel.write(ByteBuffer.allocate(1), bytes - 1);
                }
                return new Image(channel);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        void write(long block, int blockBytes, BlockContent content) {
            put(block * blockBytes, content.head);
            put((block + 1) * blockBytes - Long.BYTES, content.tail);
        }

        BlockContent read(long block, int blockBytes) {
            return new BlockContent(get(block * blockBytes), get((block + 1) * blockBytes - Long.BYTES));
        }

        private void put(long position, long value) {
            try {
                channel.write(number.clear().putLong(value).flip(), position);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private long get(long position) {
            try {
                if (channel.read(number.clear(), position) != Long.BYTES) {
                    throw new IOException("nothing at " + position);
                }
                return number.flip().getLong();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void close() {
            try {
                channel.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
