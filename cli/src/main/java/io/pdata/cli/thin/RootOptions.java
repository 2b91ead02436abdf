package io.pdata.cli.thin;

import io.pdata.cli.tool.Definition;
import io.pdata.cli.tool.Kind;
import io.pdata.tools.thin.PoolOverrides;
import io.pdata.tools.thin.ThinRepair;
import java.util.OptionalLong;

/** Which state of a pool a repair saves. */
final class RootOptions {
    /** The names of the options, for messages about excluded options. */
    static final String[] NAMES = {"--root", "--mapping-root", "--details-root"};

    private Long root;
    private Long mappingRoot;
    private Long detailsRoot;

    /** Declares the options. */
    void define(Definition tool) {
        tool.option(Kind.U64, "--root").label("<NUM>")
                .means("Save this one of the states that 'thin_repair --list-roots' shows")
                .into(value -> root = value);
        tool.option(Kind.U64, "--mapping-root").label("<BLOCKNR>").means("Save the mapping tree with this root")
                .into(value -> mappingRoot = value);
        tool.option(Kind.U64, "--details-root").label("<BLOCKNR>").means("Save the device details tree with this root")
                .into(value -> detailsRoot = value);
    }

    ThinRepair.Options with(PoolOverrides overrides) {
        return new ThinRepair.Options(overrides, number(root), number(mappingRoot), number(detailsRoot));
    }

    private static OptionalLong number(Long value) {
        return value == null ? OptionalLong.empty() : OptionalLong.of(value);
    }
}
