package io.pdata.benchmarks.copies;

import java.nio.file.Path;
import java.util.List;

/**
 * One way to copy a volume.
 *
 * @param name what it is called in the table
 * @param command for a shell
 * @param made the file that it makes, or null
 * @param after a command that takes away what else it makes, or null
 */
record Copy(String name, String command, Path made, String after) {

    /** All of them, in the order of the table; that of the stream before those that read it. */
    static List<Copy> all(String pdata, Path folder) {
        Path image = folder.resolve("disk.img");
        Path pool = folder.resolve("pool");
        Path other = folder.resolve("other");
        Path out = folder.resolve("out.img");
        Path stream = folder.resolve("out.pds");
        Path sent = folder.resolve("disk.pds");
        String delete = pdata + " volume delete " + other + " copy";
        return List.of(new Copy("`cp --sparse=always`", "cp --sparse=always " + image + " " + out, out, null),
                new Copy("`dd conv=sparse`", "dd bs=1M conv=sparse if=" + image + " of=" + out, out, null),
                new Copy("`qemu-img convert`", "qemu-img convert -f raw -O raw " + image + " " + out, out, null),
                new Copy("`extract` from a folder", pdata + " extract " + pool + " disk@1 " + out, out, null),
                new Copy("`extract` from images",
                        pdata + " extract --metadata " + pool + "/metadata --data " + pool + "/data 1 " + out, out,
                        null),
                new Copy("`extract` to standard output", pdata + " extract " + pool + " disk@1 - >" + out, out, null),
                new Copy("`send --no-compress`", pdata + " send --no-compress " + pool + " disk@1 -o " + stream, stream,
                        null),
                new Copy("`send`", pdata + " send " + pool + " disk@1 -o " + stream, stream, null),
                new Copy("`receive`", pdata + " receive " + other + " copy -i " + sent, null, delete),
                new Copy("`send` to `receive`",
                        pdata + " send " + pool + " disk@1 | " + pdata + " receive " + other + " copy", null, delete));
    }
}
