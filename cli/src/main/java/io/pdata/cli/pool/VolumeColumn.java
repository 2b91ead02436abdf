package io.pdata.cli.pool;

import io.pdata.server.VolumeReport;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;

/** What a table of volumes can show. The names are those of the command line. */
enum VolumeColumn {
    name("Name", VolumeReport::name),
    id("Id", VolumeReport::id, false),
    size("Size", VolumeReport::size, true),
    data("Data%", VolumeReport::mapped, false),
    mapped("Mapped", VolumeReport::mapped, true),
    origin("Origin", VolumeReport::origin),
    external("External origin", VolumeReport::externalOrigin),
    exclusive("Exclusive", VolumeReport::exclusive, true),
    frees("Frees", VolumeReport::exclusive, true),
    shared("Shared", VolumeReport::shared, true),
    access("Access", volume -> volume.readOnly() ? "ro" : "rw"),
    clients("Clients", volume -> (long) volume.clients(), false),
    created("Created", VolumeReport::created),
    damage("Damage", volume -> volume.damage() == null ? "" : damage(volume));

    /** What is shown when nothing else is asked for. */
    static final List<VolumeColumn> USUAL = List.of(name, size, data, origin, exclusive, shared, access, clients,
            created);

    /** Shown for a number that is unknown because the volume is damaged. */
    private static final String UNKNOWN = "?";

    private final String title;
    private final Function<VolumeReport, String> text;
    private final Function<VolumeReport, Long> number;
    private final boolean bytes;

    VolumeColumn(String title, Function<VolumeReport, String> text) {
        this.title = title;
        this.text = text;
        this.number = null;
        this.bytes = false;
    }

    VolumeColumn(String title, Function<VolumeReport, Long> number, boolean bytes) {
        this.title = title;
        this.text = null;
        this.number = number;
        this.bytes = bytes;
    }

    String title() {
        return title;
    }

    boolean isNumber() {
        return number != null;
    }

    String cell(VolumeReport volume, Sizes.Unit unit) {
        if (number == null) {
            return text.apply(volume);
        }
        Long value = number.apply(volume);
        if (value == null) {
            return UNKNOWN;
        }
        if (this == data) {
            return Sizes.percent(value, volume.size());
        }
        return bytes ? Sizes.format(value, unit) : Long.toString(value);
    }

    private static String damage(VolumeReport volume) {
        long bytes = volume.damage().bytes();
        return bytes == 0 ? "yes" : Sizes.format(bytes) + " unreadable";
    }

    Comparator<VolumeReport> order() {
        if (number == null) {
            return Comparator.comparing(text);
        }
        Comparator<VolumeReport> order = this == data
                ? Comparator.comparingDouble(volume -> (double) number.apply(volume) / volume.size())
                : Comparator.comparingLong(number::apply);
        return Comparator.comparing((VolumeReport volume) -> number.apply(volume) != null)
                .thenComparing((a, b) -> number.apply(a) == null ? 0 : order.compare(a, b));
    }
}
