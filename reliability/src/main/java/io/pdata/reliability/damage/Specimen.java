package io.pdata.reliability.damage;

import io.pdata.core.block.BlockValidator;
import io.pdata.core.block.Bytes;
import io.pdata.core.btree.NodeValidator;
import io.pdata.reliability.damage.Damage.NothingToDamageException;
import io.pdata.reliability.damage.Part.Kind;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.IntPredicate;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/** An image on its way to being damaged: finds places in it, and changes them. */
final class Specimen {
    private final Image image;
    private final Anatomy anatomy;
    private final Random random;

    Specimen(Image image, Random random) {
        this.image = image;
        this.anatomy = Anatomy.of(image);
        this.random = random;
    }

    Image image() {
        return image;
    }

    Anatomy anatomy() {
        return anatomy;
    }

    Format format() {
        return image.format();
    }

    MemorySegment block(long number) {
        return image.block(number);
    }

    MemorySegment superblock() {
        return image.block(0);
    }

    // ---- choosing ----

    <T> T any(List<T> of) {
        if (of.isEmpty()) {
            throw new NothingToDamageException("nothing to choose from in " + image.name());
        }
        return of.get(random.nextInt(of.size()));
    }

    /** One of the parts that are wanted. */
    Part part(Predicate<Part> wanted) {
        return any(anatomy.parts(wanted));
    }

    /** An internal node of a mapping tree with at least so many entries. */
    Part internal(int entries) {
        return node(entries, part -> part.kind() == Kind.MAPPING && part.isInternal());
    }

    Part part(Kind kind) {
        return part(part -> part.kind() == kind);
    }

    /** A node with at least so many entries. */
    Part node(int entries, Predicate<Part> wanted) {
        return part(part -> part.isNode() && wanted.test(part) && Nodes.entries(block(part.block())) >= entries);
    }

    /** An internal node of a mapping tree. */
    Part internal() {
        return internal(1);
    }

    /** A free block that holds nothing but zeroes. */
    long blank() {
        return any(anatomy.free().stream()
                .filter(block -> image.block(block).mismatch(MemorySegment.ofArray(new byte[Bytes.BLOCK_SIZE])) < 0)
                .toList());
    }

    /** A free block that still holds a valid block of some type. */
    long stale(BlockValidator type) {
        return any(anatomy.free().stream().filter(block -> BlockTypes.passes(type, image, block)).toList());
    }

    int below(int bound) {
        if (bound <= 0) {
            throw new NothingToDamageException("too little in " + image.name());
        }
        return random.nextInt(bound);
    }

    /** One of the numbers from {@code from} to {@code end - 1} that are wanted. */
    int below(int from, int end, IntPredicate wanted) {
        return any(IntStream.range(from, end).filter(wanted).boxed().toList());
    }

    // ---- changing ----

    void edit(Part part, Consumer<MemorySegment> change) {
        image.edit(part.block(), part.type(), change);
    }

    void editNode(long block, Consumer<MemorySegment> change) {
        image.edit(block, NodeValidator.NODE, change);
    }

    void editSuperblock(Consumer<MemorySegment> change) {
        image.edit(0, format().superblock(), change);
    }

    /** Changes 32 bits of the superblock. */
    List<String> setField(int offset, int value, String... words) {
        editSuperblock(block -> block.set(Bytes.U32, offset, value));
        return List.of(words);
    }

    /** Changes 64 bits of the superblock. */
    List<String> setLongField(int offset, long value, String... words) {
        editSuperblock(block -> block.set(Bytes.U64, offset, value));
        return List.of(words);
    }
}
