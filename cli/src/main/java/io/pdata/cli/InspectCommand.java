package io.pdata.cli;

import io.pdata.cli.tool.Console;
import io.pdata.cli.tool.Definition;
import io.pdata.cli.tool.ExitStatus;
import io.pdata.cli.tool.Json;
import io.pdata.cli.tool.Kind;
import io.pdata.cli.tool.Needed;
import io.pdata.cli.tool.ToolCommand;
import io.pdata.cli.tool.Version;
import io.pdata.core.block.CorruptionException;
import io.pdata.core.device.DeviceException;
import io.pdata.core.device.FileDevice.Access;
import io.pdata.core.device.FileDevice;
import io.pdata.thin.ThinSuperblock;
import io.pdata.tools.MetadataFile;
import io.pdata.tools.inspect.BlockView;
import io.pdata.tools.inspect.MetadataImage;
import io.pdata.tools.inspect.TreeOutline;
import io.pdata.tools.inspect.UsageMap;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Shows metadata as a person wants to see them. */
final class InspectCommand extends ToolCommand {
    private static final int WIDTH = 64;
    private static final int CELLS = 16 * WIDTH;

    private Path input;
    private Long block;
    private boolean hex;
    private String tree;
    private boolean map;
    private int depth;
    private int limit;
    private boolean noLock;
    private boolean json;

    InspectCommand(Console console) {
        super(console);
    }

    @Override
    protected void define(Definition tool) {
        tool.describe("pdata inspect",
                "Shows what is in the metadata of a thin pool, cache or era: the superblock, a block, the nodes of a tree, or a map."
                        + "\n"
                        + "Also of damaged metadata: what cannot be read says why.",
                "pdata inspect pool.img", "pdata inspect pool.img --block 22",
                "pdata inspect pool.img --tree device:20", "pdata inspect pool.img --map");
        tool.parameter(Kind.PATH).label("<INPUT>").means("The metadata: a device or a file")
                .into(value -> input = value);
        tool.reads(Needed.ANY_METADATA, () -> input);
        tool.option(Kind.U64, "-b", "--block").label("<BLOCK>").means("Show this block, whatever it is")
                .into(value -> block = value);
        tool.flag("--hex").means("Show the bytes of the block, whatever they mean").into(on -> hex = on);
        tool.option(Kind.TEXT, "-t", "--tree").label("<TREE>").means(
                "Show the nodes of this tree: a name that the superblock's view lists, device:ID, or the block of a root")
                .into(value -> tree = value);
        tool.flag("--map").means("Show what is used for what, and of a thin pool which data blocks are shared")
                .into(on -> map = on);
        tool.option(Kind.U32, "--depth").label("<N>").means("Show so many levels below a root").orElse("16")
                .into(value -> depth = count(value));
        tool.option(Kind.U32, "--limit").label("<N>").means("Show so many entries or nodes at most").orElse("300")
                .into(value -> limit = count(value));
        tool.flag("--no-lock").means("Read also what somebody has open; what is changed meanwhile looks damaged")
                .into(on -> noLock = on);
        tool.flag("--json").means("Print JSON").into(on -> json = on);
        tool.exclusive("--block", "--tree", "--map");
        tool.exclusive("--tree", "--map");
    }

    @Override
    protected String version() {
        return Version.NUMBER;
    }

    /** More than can be counted are as many as can be. */
    private static int count(int unsigned) {
        return unsigned < 0 ? Integer.MAX_VALUE : unsigned;
    }

    @Override
    protected int run() {
        if (hex && block == null) {
            require("--block");
        }
        try (MetadataFile file = noLock ? MetadataFile.openLive(input) : MetadataFile.open(input);
                FileDevice device = FileDevice.open(input, Access.READ_ONLY_UNLOCKED)) {
            MetadataImage image = new MetadataImage(device, file);
            Map<String, Object> shown = new LinkedHashMap<>();
            if (block != null) {
                block(hex ? image.bytes(block) : image.block(block), shown);
            } else if (tree != null) {
                tree(image, shown);
            } else if (map) {
                maps(image, shown);
            } else {
                summary(image, shown);
            }
            if (json) {
                console().result(Json.of(shown));
            }
        }
        return ExitStatus.OK;
    }

    private void print(String line) {
        if (!json) {
            console().result(line);
        }
    }

    private void block(BlockView view, Map<String, Object> shown) {
        shown.put("block", view.block());
        shown.put("type", view.type());
        shown.put("fields", view.fields());
        shown.put("entries", view.entries().stream().limit(limit).toList());
        print("block " + view.block() + ": " + view.type());
        view.fields().forEach((name, value) -> print("  " + name + ": " + value));
        view.entries().stream().limit(limit).forEach(entry -> print("  " + entry));
        left(view.entries().size());
    }

    private void left(int all) {
        if (all > limit) {
            print("  ... and " + (all - limit) + " more: --limit shows more");
        }
    }

    private void tree(MetadataImage image, Map<String, Object> shown) {
        List<TreeOutline.Line> lines = image.outline(image.root(tree), depth, limit);
        shown.put("nodes", lines.stream().map(InspectCommand::fields).toList());
        for (TreeOutline.Line line : lines) {
            print("  ".repeat(line.depth()) + "block " + line.block() + ": " + line.kind() + (line.entries() == 0
                    ? ""
                    : ", " + line.entries() + " entries, keys " + Long.toUnsignedString(line.first()) + " to "
                            + Long.toUnsignedString(line.last())));
        }
        if (lines.size() == limit) {
            print("... perhaps there are more: --limit shows more, --depth fewer levels");
        }
    }

    private static Map<String, Object> fields(TreeOutline.Line line) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("depth", line.depth());
        fields.put("block", line.block());
        fields.put("kind", line.kind());
        fields.put("entries", line.entries());
        fields.put("firstKey", Long.toUnsignedString(line.first()));
        fields.put("lastKey", Long.toUnsignedString(line.last()));
        return fields;
    }

    private void maps(MetadataImage image, Map<String, Object> shown) {
        print("metadata (S superblock, n node, a array, i index, b bitmap, ? damaged or unknown; N A I B shared;"
                + " . free, \",\" free, with old content):");
        shown.put("metadata", map(image.metadataMap(CELLS)));
        Optional<ThinSuperblock> thin = image.thin();
        if (thin.isPresent()) {
            print("data (# used, - partly, % shared for the most part, . free):");
            shown.put("data", map(image.dataMap(thin.get(), CELLS)));
        }
    }

    private Map<String, Object> map(UsageMap usage) {
        for (int at = 0; at < usage.cells().length(); at += WIDTH) {
            print("  " + usage.cells().substring(at, Math.min(usage.cells().length(), at + WIDTH)));
        }
        print("  each stands for " + usage.blocksInCell() + (usage.blocksInCell() == 1 ? " block: " : " blocks: ")
                + usage.totals().entrySet().stream().map(each -> each.getValue() + " " + each.getKey())
                        .collect(Collectors.joining("; ")));
        if (!usage.problem().isEmpty()) {
            print("  what is in use is not known of all: " + usage.problem());
        }
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("blocksInCell", usage.blocksInCell());
        fields.put("cells", usage.cells());
        fields.put("totals", usage.totals());
        fields.put("problem", usage.problem().isEmpty() ? null : usage.problem());
        return fields;
    }

    private void summary(MetadataImage image, Map<String, Object> shown) {
        block(image.block(0), shown);
        Map<String, Long> roots = image.roots();
        shown.put("roots", roots);
        if (roots.isEmpty()) {
            print("nothing leads from here to the rest; of a thin pool, thin_repair -i " + input
                    + " --list-roots lists what can still be found");
        } else {
            print("trees (--tree):");
            roots.forEach((name, root) -> print("  " + name + ": block " + root));
        }
        image.thin().ifPresent(superblock -> devices(image, superblock, shown));
    }

    private void devices(MetadataImage image, ThinSuperblock superblock, Map<String, Object> shown) {
        List<Map<String, Object>> devices = new ArrayList<>();
        shown.put("devices", devices);
        print("devices:");
        try {
            image.forEachDevice(superblock, (id, root, details) -> {
                Map<String, Object> fields = new LinkedHashMap<>();
                fields.put("id", Json.unsigned(id));
                fields.put("root", Json.unsigned(root));
                if (details != null) {
                    fields.put("mappedBlocks", Json.unsigned(details.mappedBlocks()));
                    fields.put("transactionId", Json.unsigned(details.transactionId()));
                    fields.put("creationTime", Integer.toUnsignedLong(details.creationTime()));
                    fields.put("snapshottedTime", Integer.toUnsignedLong(details.snapshottedTime()));
                }
                if (devices.size() < limit) {
                    devices.add(fields);
                    print("  " + fields.toString().replaceAll("[{}]", ""));
                }
            });
        } catch (CorruptionException | DeviceException e) {
            shown.put("problem", e.getMessage());
            print("  " + e.getMessage());
        }
    }
}
