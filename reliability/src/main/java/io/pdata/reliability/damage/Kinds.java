package io.pdata.reliability.damage;

import io.pdata.reliability.damage.Damage.Change;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Gathers kinds of damage to one format. */
final class Kinds {
    private final Format format;
    private final List<Damage> damages = new ArrayList<>();

    Kinds(Format format) {
        this.format = format;
    }

    Format format() {
        return format;
    }

    /** Damage to what the metadata are made of: whoever is not stopped by it sees what was there before. */
    void structure(String name, Verdict expected, String description, Change change) {
        add(name, expected, false, description, change);
    }

    /** Damage to what the metadata say. */
    void content(String name, Verdict expected, String description, Change change) {
        add(name, expected, true, description, change);
    }

    private void add(String name, Verdict expected, boolean content, String description, Change change) {
        damages.add(new Damage(format.name().toLowerCase(Locale.ROOT) + "/" + name, format, expected, content,
                description, change));
    }

    List<Damage> damages() {
        return damages;
    }
}
