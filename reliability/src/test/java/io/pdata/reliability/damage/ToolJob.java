package io.pdata.reliability.damage;

import io.pdata.reliability.damage.ToolRun.End;
import io.pdata.testkit.PeerTools;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Something that a tool is told to do with an image, and what is compared of what comes of it. */
enum ToolJob {
    THIN_DUMP(Format.THIN, PeerTools.VERSIONS, "thin_dump IMAGE"),
    THIN_LS(Format.THIN, List.of(PeerTools.RUST),
            "thin_ls -o DEV,MAPPED_BLOCKS,EXCLUSIVE_BLOCKS,SHARED_BLOCKS,HIGHEST_BLOCK,TRANSACTION,CREATE_TIME,SNAP_TIME IMAGE"),
    THIN_RMAP(Format.THIN, List.of(PeerTools.RUST), "thin_rmap --region 0..40000 IMAGE"),
    THIN_DELTA(Format.THIN, List.of(PeerTools.RUST), "thin_delta --thin1 1 --thin2 2 IMAGE"),
    THIN_REPAIR(Format.THIN, PeerTools.VERSIONS, "thin_repair -i IMAGE -o OUTPUT"),
    CACHE_DUMP(Format.CACHE, PeerTools.VERSIONS, "cache_dump IMAGE"),
    CACHE_REPAIR(Format.CACHE, PeerTools.VERSIONS, "cache_repair -i IMAGE -o OUTPUT"),
    ERA_DUMP(Format.ERA, PeerTools.VERSIONS, "era_dump IMAGE"),
    ERA_LOGICAL_DUMP(Format.ERA, List.of(PeerTools.RUST), "era_dump --logical IMAGE"),
    ERA_DUMP_REPAIR(Format.ERA, List.of(PeerTools.RUST), "era_dump --logical --repair IMAGE");

    private static final int OUTPUT_BYTES = 4 << 20;
    private static final Pattern ATTRIBUTE = Pattern.compile("(\\w+)=\"([^\"]*)\"");

    private final Format format;
    private final List<String> peers;
    private final String command;

    ToolJob(Format format, List<String> peers, String command) {
        this.format = format;
        this.peers = peers;
        this.command = command;
    }

    Format format() {
        return format;
    }

    /** The versions whose tool can do it. */
    List<String> peers() {
        return peers;
    }

    /** As the table has it. */
    String title() {
        return command.replaceAll(" (-[io]|--region|--thin\\d) \\S+", "").replace(" IMAGE", "");
    }

    private boolean repairs() {
        return command.contains("repair");
    }

    /**
     * Has it done by the tools in a folder, or by ours if that is null. What is repaired is dumped in place of the output.
     */
    ToolRun run(Path folder, Path image) {
        try {
            Path output = Files.createTempFile("repaired", ".img");
            try {
                Files.write(output, new byte[OUTPUT_BYTES]);
                String[] words = Stream.of(command.split(" ")).map(
                        word -> word.equals("IMAGE") ? image.toString() : word.equals("OUTPUT") ? "" + output : word)
                        .toArray(String[]::new);
                ToolRun run = folder == null ? ToolRun.own(words) : ToolRun.of(folder, words);
                return run.end() == End.WELL && command.contains("OUTPUT") ? dumped(output) : run;
            } finally {
                Files.delete(output);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What somebody who can be trusted reads in the result of a repair. */
    private ToolRun dumped(Path output) {
        boolean thin = format == Format.THIN;
        return ToolRun.of(PeerTools.folder(thin ? PeerTools.CPP : PeerTools.RUST), thin ? "thin_dump" : "cache_dump",
                output.toString());
    }

    /** Whether two tools that have changed their minds have done so in the same way; null if so, or in what way not. */
    String difference(ToolRun ours, ToolRun theirs) {
        TreeSet<String> own = content(ours.output());
        TreeSet<String> other = content(theirs.output());
        if (own.equals(other)) {
            return null;
        }
        if (!repairs() || this == ERA_DUMP_REPAIR) {
            return "otherwise";
        }
        return own.containsAll(other) ? "keeps less" : other.containsAll(own) ? "keeps more" : "keeps other";
    }

    /** What a dump says, independently of how. Of what is repaired, the mappings. */
    private TreeSet<String> content(String text) {
        if (format == Format.THIN && text.startsWith("<superblock")) {
            return thin(text);
        }
        List<String> lines = text.lines().toList();
        if (this == CACHE_REPAIR) {
            lines = lines.stream().filter(line -> line.contains("<mapping "))
                    .map(line -> line.replaceAll(" dirty.*", ""))
                    .toList();
        }
        return new TreeSet<>(this == ERA_DUMP ? withoutCurrentWriteset(lines) : lines);
    }

    /** Mappings by device, whatever is written as shared. */
    private TreeSet<String> thin(String text) {
        TreeSet<String> content = new TreeSet<>();
        Map<String, List<String>> shared = new HashMap<>();
        List<String> run = null;
        String device = "";
        for (String line : text.lines().map(String::strip).toList()) {
            Map<String, String> values = ATTRIBUTE.matcher(line).results()
                    .collect(Collectors.toMap(each -> each.group(1), each -> each.group(2)));
            List<String> mappings = new ArrayList<>();
            if (line.startsWith("<def ")) {
                run = new ArrayList<>();
                shared.put(values.get("name"), run);
            } else if (line.startsWith("</def>")) {
                run = null;
            } else if (line.startsWith("<ref ")) {
                mappings.addAll(shared.get(values.get("name")));
            } else if (line.startsWith("<device ")) {
                device = values.get("dev_id");
                if (!repairs()) {
                    content.add(line);
                }
            } else if (line.contains("_mapping ")) {
                mappings.addAll(mappings(values));
            } else if (!repairs()) {
                content.add(line.replace(" flags=\"0\"", ""));
            }
            for (String mapping : mappings) {
                if (run != null) {
                    run.add(mapping);
                } else {
                    content.add(device + ": " + mapping);
                }
            }
        }
        return content;
    }

    private static List<String> mappings(Map<String, String> range) {
        long origin = Long.parseUnsignedLong(range.getOrDefault("origin_begin", range.get("origin_block")));
        long data = Long.parseUnsignedLong(range.getOrDefault("data_begin", range.get("data_block")));
        List<String> mappings = new ArrayList<>();
        for (long i = 0; i < Long.parseLong(range.getOrDefault("length", "1")); i++) {
            mappings.add(origin + i + " -> " + (data + i) + " at " + range.get("time"));
        }
        return mappings;
    }

    /** Which 0.9.0 does not dump. */
    private static List<String> withoutCurrentWriteset(List<String> lines) {
        Matcher current = Pattern.compile("current_era=\"\\d+\"").matcher(lines.isEmpty() ? "" : lines.getFirst());
        if (!current.find()) {
            return lines;
        }
        String begin = "<writeset " + current.group().substring("current_".length());
        List<String> kept = new ArrayList<>();
        boolean within = false;
        for (int i = 0; i < lines.size(); i++) {
            within |= lines.get(i).contains(begin);
            if (!within) {
                kept.add(i + " " + lines.get(i));
            }
            within &= !lines.get(i).contains("</writeset>");
        }
        return kept.stream().map(line -> line.substring(line.indexOf(' ') + 1)).toList();
    }
}
