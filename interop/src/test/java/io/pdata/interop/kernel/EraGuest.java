package io.pdata.interop.kernel;

/** Writes down, as a shell script for the guest, what a user of an era device does. */
final class EraGuest implements EraSide {
    static final int BLOCK_SECTORS = 64;

    private final StringBuilder script = new StringBuilder();
    private final String name;
    private final String metadata;
    private final String origin;

    /** @param firstDisk the letter of the guest's disk that is the metadata image; the origin follows */
    EraGuest(String name, char firstDisk) {
        this.name = name;
        this.metadata = "/dev/vd" + firstDisk;
        this.origin = "/dev/vd" + (char) (firstDisk + 1);
    }

    String script() {
        return script.toString();
    }

    @Override
    public void activate(int blocks) {
        line("dmsetup create %s --table '0 %d era %s %s %d'", name, blocks * (long) BLOCK_SECTORS, metadata, origin,
                BLOCK_SECTORS);
    }

    /** Prints the status, as a line that begins with the device's name, before. */
    @Override
    public void deactivate() {
        line("echo \"%s $(dmsetup status %s)\"", name, name);
        line("dmsetup remove %s", name);
    }

    @Override
    public void write(int begin, int count) {
        line("dd if=/dev/zero of=/dev/mapper/%s bs=%d seek=%d count=%d oflag=direct conv=notrunc 2>/dev/null", name,
                BLOCK_SECTORS * 512, begin, count);
    }

    @Override
    public void checkpoint() {
        message("checkpoint");
    }

    @Override
    public void takeMetadataSnapshot() {
        message("take_metadata_snap");
    }

    @Override
    public void dropMetadataSnapshot() {
        message("drop_metadata_snap");
    }

    private void message(String message) {
        line("dmsetup message %s 0 %s", name, message);
    }

    private void line(String format, Object... arguments) {
        script.append(format.formatted(arguments)).append('\n');
    }
}
