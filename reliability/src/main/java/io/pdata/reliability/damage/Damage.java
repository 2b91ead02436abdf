package io.pdata.reliability.damage;

import java.util.List;
import java.util.Random;

/**
 * A kind of damage that checksums do not show: a change of a sound image, repeatable from a seed, after which all checksums
 * and block numbers are right (unless they are what is damaged).
 *
 * @param name names it; the format comes first
 * @param format what it is done to
 * @param expected what our check must make of it
 * @param content whether what the metadata say is changed, or only what they are made of
 * @param description what is changed, in a few words
 * @param change makes the change
 */
record Damage(String name, Format format, Verdict expected, boolean content, String description, Change change) {

    /** What a kind of damage does. */
    @FunctionalInterface
    interface Change {
        /**
         * Damages an image.
         *
         * @return words that one finding has to have, all of them, or the refusal
         * @throws NothingToDamageException if the image has nothing of the kind
         */
        List<String> apply(Specimen specimen);
    }

    /**
     * A damaged image.
     *
     * @param words as {@link Change#apply} returned them
     */
    record Case(Damage damage, long seed, Image image, List<String> words) {
        @Override
        public String toString() {
            return damage.name() + ", seed " + seed + ", " + image.name();
        }
    }

    /** Damages one of the images of the format: the seed decides which, and where. */
    Case damaged(long seed) {
        List<Image> images = SmallImages.of(format);
        for (int i = 0; i < images.size(); i++) {
            Image image = images.get((int) ((seed + i) % images.size())).copy();
            try {
                List<String> words = change.apply(new Specimen(image, new Random(seed * 31 + name.hashCode())));
                return new Case(this, seed, image, words);
            } catch (NothingToDamageException e) {
                continue; // the next image may have what it takes
            }
        }
        throw new IllegalStateException(name + " cannot be done to any image");
    }

    /** An image has nothing that could be damaged in the way that was asked for. */
    static final class NothingToDamageException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        NothingToDamageException(String message) {
            super(message);
        }
    }
}
