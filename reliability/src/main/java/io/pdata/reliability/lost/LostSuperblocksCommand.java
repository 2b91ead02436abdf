package io.pdata.reliability.lost;

import io.pdata.core.device.MemoryDevice;
import io.pdata.testkit.Golden;
import io.pdata.testkit.PeerTools;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Measures how often a repair finds the present state of a pool whose superblock is lost. */
@Command(name = "lost-superblocks", mixinStandardHelpOptions = true, description = {
    "Zeroes the superblocks of pools whose state is known, repairs them, and prints how often the present state was "
            + "found: by ours, and by thin-provisioning-tools as far as they are installed (interop/lab/peer-tools).",
    "The pools are the golden images, those given, and random ones that are looked at many times in their lives."}, footer = {
        "", "Example:", "  reliability/run lost-superblocks --lives 20"})
public final class LostSuperblocksCommand implements Callable<Integer> {
    @Option(names = "--lives", defaultValue = "4", description = "How many random pools of each kind. Default: ${DEFAULT-VALUE}")
    private int lives;
    @Option(names = "--seed", defaultValue = "1", description = "The seed of the first of them. Default: ${DEFAULT-VALUE}")
    private long seed;
    @Option(names = "--every", defaultValue = "5", description = "Look at them after one in so many commits. Default: ${DEFAULT-VALUE}")
    private int every;
    @Option(names = "--life", description = "Only pools of this kind.")
    private String only;
    @Option(names = "--no-peers", description = "Do not run the reference tools.")
    private boolean noPeers;
    @Option(names = "--failures", description = "Name each pool whose present state ours did not find, on standard error.")
    private boolean failures;
    @Option(names = "--save", paramLabel = "DIR", description = "Keep these pools here, with their superblocks.")
    private Path save;
    @Parameters(paramLabel = "IMAGE", description = "Further images of pools, also packed by gzip.")
    private List<Path> images = List.of();

    /** The verdicts by program, by row. */
    private final Map<String, Map<String, EnumMap<Verdict, Integer>>> rows = new LinkedHashMap<>();

    @Override
    public Integer call() throws IOException {
        if (only == null || only.equals("golden")) {
            for (Path file : Golden.files(Golden.folder(), ".img.xz", ".img")) {
                String name = file.getFileName().toString().replaceAll("\\.img.*", "");
                if (name.startsWith("thin-")) {
                    judge(new Moment("golden images", name, device(Golden.image(name)), null));
                }
            }
        }
        for (Path image : images) {
            judge(new Moment("images given", image.toString(), device(read(image)), null));
        }
        for (Life life : Life.ALL) {
            if (only != null && !only.equals(life.name()) || life.byPeer() && !PeerTools.ready()) {
                continue;
            }
            for (long n = seed; n < seed + lives; n++) {
                LivingPool.live(life, n, every, this::judge);
            }
        }
        System.out.print(markdown());
        return 0;
    }

    private void judge(Moment moment) {
        Verdict ours = Verdict.ofOurs(moment);
        note(moment, "ours", ours);
        if (ours != Verdict.EXACT && failures) {
            System.err.println(moment.life() + ", " + moment.name() + ": " + ours.text());
            keep(moment);
        }
        if (!noPeers && PeerTools.ready()) {
            for (String version : PeerTools.VERSIONS) {
                note(moment, version, Verdict.ofPeer(version, moment));
            }
        }
    }

    private void keep(Moment moment) {
        if (save == null) {
            return;
        }
        try {
            byte[] bytes = new byte[Math.toIntExact(moment.device().size())];
            moment.device().read(0, MemorySegment.ofArray(bytes));
            Files.write(save.resolve((moment.life() + "-" + moment.name()).replaceAll("[^a-z0-9.-]+", "-") + ".img"),
                    bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void note(Moment moment, String program, Verdict verdict) {
        rows.computeIfAbsent(moment.life(), _ -> new LinkedHashMap<>())
                .computeIfAbsent(program, _ -> new EnumMap<>(Verdict.class)).merge(verdict, 1, Integer::sum);
    }

    private String markdown() {
        List<String> programs = new ArrayList<>(rows.values().iterator().next().keySet());
        StringBuilder text = new StringBuilder();
        text.append("| Pools | moments | ").append(String.join(" | ", programs)).append(" |\n");
        text.append("|---|---|").append("---|".repeat(programs.size())).append('\n');
        rows.forEach((life, cells) -> {
            text.append("| ").append(life).append(" | ")
                    .append(cells.get("ours").values().stream().mapToInt(Integer::intValue).sum());
            programs.forEach(program -> text.append(" | ").append(cell(cells.get(program))));
            text.append(" |\n");
        });
        return text.toString();
    }

    private static String cell(EnumMap<Verdict, Integer> verdicts) {
        return verdicts.entrySet().stream().map(entry -> entry.getValue() + " " + entry.getKey().text())
                .collect(Collectors.joining(", "));
    }

    private static byte[] read(Path image) throws IOException {
        try (InputStream in = image.toString().endsWith(".gz")
                ? new GZIPInputStream(Files.newInputStream(image))
                : Files.newInputStream(image)) {
            return in.readAllBytes();
        }
    }

    private static MemoryDevice device(byte[] image) {
        MemoryDevice device = new MemoryDevice(image.length);
        device.write(0, MemorySegment.ofArray(image));
        return device;
    }
}
