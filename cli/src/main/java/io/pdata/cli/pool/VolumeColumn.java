package io.pdata.cli.pool;

import io.pdata.server.VolumeReport;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToLongFunction;

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
    clients("Clients", VolumeReport::clients, false),
    created("Created", VolumeReport::created);

    /** What is shown when nothing else is asked for. */
    static final List<VolumeColumn> USUAL = List.of(name, size, data, origin, exclusive, shared, access, clients,
            created);

    private final String title;
    private final Function<VolumeReport, String> text;
    private final ToLongFunction<VolumeReport> number;
    private final boolean bytes;

    VolumeColumn(String title, Function<VolumeReport, String> text) {
        this.title = title;
        this.text = text;
        this.number = null;
        this.bytes = false;
    }

    VolumeColumn(String title, ToLongFunction<VolumeReport> number, boolean bytes) {
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
        if (this == data) {
            return Sizes.percent(volume.mapped(), volume.size());
        }
        if (bytes) {
            return Sizes.format(number.applyAsLong(volume), unit);
        }
        return number == null ? text.apply(volume) : Long.toString(number.applyAsLong(volume));
    }

    Comparator<VolumeReport> order() {
        if (this == data) {
            return Comparator.comparingDouble(volume -> (double) volume.mapped() / volume.size());
        }
        return number == null ? Comparator.comparing(text) : Comparator.comparingLong(number);
    }
}
