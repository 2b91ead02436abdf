package io.pdata.cli.thin;

import io.pdata.cli.tool.Accepted;
import io.pdata.cli.tool.Console;
import io.pdata.cli.tool.Definition;
import io.pdata.cli.tool.ExitStatus;
import io.pdata.cli.tool.Json;
import io.pdata.cli.tool.Kind;
import io.pdata.cli.tool.Needed;
import io.pdata.cli.tool.ProgressLine;
import io.pdata.cli.tool.ToolCommand;
import io.pdata.tools.MetadataFile;
import io.pdata.tools.text.TextOut;
import io.pdata.tools.thin.ThinListing.Detail;
import io.pdata.tools.thin.ThinListing.Row;
import io.pdata.tools.thin.ThinListing.Table;
import io.pdata.tools.thin.ThinListing;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

public final class ThinLsCommand extends ToolCommand {
    private Path input;
    private FieldList fields;
    private boolean metadataSnapshot;
    private boolean noHeaders;
    private boolean json;

    public ThinLsCommand(Console console) {
        super(console);
    }

    @Override
    protected void define(Definition tool) {
        tool.describe("thin_ls", "Lists the volumes of a thin pool.",
                "thin_ls -o DEV,MAPPED,EXCLUSIVE pool.img");
        tool.parameter(Kind.PATH).label("<INPUT>").means("The metadata: a device or a file")
                .into(value -> input = value);
        tool.reads(Needed.METADATA, () -> input);
        tool.option(FieldList.KIND, "-o", "--format").label("<FIELDS>").means(
                "The columns, with commas between them: DEV, TRANSACTION, CREATE_TIME, SNAP_TIME, HIGHEST_MAPPED; MAPPED, EXCLUSIVE, SHARED, and each of these with _BLOCKS, _SECTORS or _BYTES; HIGHEST_BLOCK, HIGHEST_SECTOR, HIGHEST_BYTE [default: DEV,MAPPED,CREATE_TIME,SNAP_TIME]")
                .orElse("DEV,MAPPED,CREATE_TIME,SNAP_TIME").into(value -> fields = value);
        tool.flag("-m", "--metadata-snap").means("Read the metadata snapshot, with the pool in use")
                .into(on -> metadataSnapshot = on);
        tool.flag("--no-headers").means("Leave out the line of headings").into(on -> noHeaders = on);
        tool.flag("--json").means("Print JSON; sizes are exact, in the unit that the field's name says, or bytes")
                .into(on -> json = on);
        Accepted.engine(tool);
        Accepted.verbose(tool);
    }

    @Override
    protected int run() {
        try (MetadataFile file = metadataSnapshot ? MetadataFile.openLive(input) : MetadataFile.open(input);
                ProgressLine _ = new ProgressLine(console(), file::bytesRead, file.size())) {
            Detail detail = fields.all().stream().map(ListField::detail).max(Comparator.naturalOrder()).orElseThrow();
            Table table = ThinListing.list(file, metadataSnapshot, detail, console());
            if (json) {
                console().result(Json.of(objects(table)));
            } else {
                print(table);
            }
        }
        return ExitStatus.OK;
    }

    private List<Map<String, Object>> objects(Table table) {
        List<Map<String, Object>> objects = new ArrayList<>();
        for (Row row : table.rows()) {
            Map<String, Object> object = new LinkedHashMap<>();
            fields.all().forEach(field -> object.put(field.name().toLowerCase(Locale.ROOT),
                    field.number(row, table.dataBlockSectors())));
            objects.add(object);
        }
        return objects;
    }

    /** Columns are as wide as their widest cell, and followed by a blank. */
    private void print(Table table) {
        int[] widths = fields.all().stream().mapToInt(field -> noHeaders ? 0 : field.name().length()).toArray();
        for (Row row : table.rows()) {
            List<String> cells = cells(row, table.dataBlockSectors()).toList();
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], cells.get(i).length());
            }
        }
        TextOut out = console().standardOutput();
        if (!noHeaders) {
            line(out, widths, fields.all().stream().map(ListField::name));
        }
        table.rows().forEach(row -> line(out, widths, cells(row, table.dataBlockSectors())));
        out.flush();
    }

    private Stream<String> cells(Row row, long sectors) {
        return fields.all().stream().map(field -> field.text(row, sectors));
    }

    private static void line(TextOut out, int[] widths, Stream<String> cells) {
        int column = 0;
        for (String cell : (Iterable<String>) cells::iterator) {
            out.text(" ".repeat(widths[column++] - cell.length())).text(cell).text(" ");
        }
        out.text("\n");
    }
}
