package io.pdata.reliability.damage;

import io.pdata.core.block.CorruptionException;
import io.pdata.core.device.MemoryDevice;
import io.pdata.core.device.PersistentDataException;

/**
 * What came of using metadata in one way: an answer, or a refusal of the kind that callers are told about. Anything else
 * that is thrown is not caught here.
 *
 * @param answer what was seen, or null
 * @param refusal why nothing was, or null
 */
record Reaction(String answer, PersistentDataException refusal) {

    static Reaction of(Image image, Use.Action action) {
        return of(image.format().use(), image.device(), action);
    }

    static Reaction of(Use use, MemoryDevice device, Use.Action action) {
        try {
            return new Reaction(use.perform(action, device), null);
        } catch (PersistentDataException e) {
            return new Reaction(null, e);
        }
    }

    boolean refused() {
        return refusal != null;
    }

    /** Whether the refusal says what is wrong with which block: of some type, with what was expected or found. */
    boolean blames(long block) {
        for (Throwable e = refusal; e != null; e = e.getCause()) {
            if (e instanceof CorruptionException corruption && corruption.block() == block
                    && !corruption.type().isEmpty() && !corruption.problem().isEmpty()) {
                return true;
            }
        }
        return false;
    }

    String text() {
        return refused() ? refusal.getClass().getSimpleName() + ": " + refusal.getMessage() : answer;
    }
}
