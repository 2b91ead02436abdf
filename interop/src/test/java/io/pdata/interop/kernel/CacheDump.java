package io.pdata.interop.kernel;

import java.util.TreeMap;

/** What a {@code cache_dump} says. */
record CacheDump(long blockSize, long cacheBlocks, String policy, long hintWidth, TreeMap<Integer, Mapping> mappings,
        TreeMap<Integer, String> hints) {

    /** Which block of the origin a cache block holds. */
    record Mapping(long originBlock, boolean dirty) {}

    /** The same without dirty marks. */
    CacheDump allClean() {
        TreeMap<Integer, Mapping> clean = new TreeMap<>(mappings);
        clean.replaceAll((_, mapping) -> new Mapping(mapping.originBlock, false));
        return new CacheDump(blockSize, cacheBlocks, policy, hintWidth, clean, hints);
    }

    static CacheDump parse(String xml) {
        CacheDump[] result = new CacheDump[1];
        Xml.read(xml, (name, with) -> {
            switch (name) {
            case "superblock" -> result[0] = new CacheDump(with.number("block_size"), with.number("nr_cache_blocks"),
                    with.text("policy"), with.number("hint_width"), new TreeMap<>(), new TreeMap<>());
            case "mapping" -> result[0].mappings.put((int) with.number("cache_block"),
                    new Mapping(with.number("origin_block"), Boolean.parseBoolean(with.text("dirty"))));
            case "hint" -> result[0].hints.put((int) with.number("cache_block"), with.text("data"));
            case "mappings", "hints" -> {
            }
            default -> throw new AssertionError("unknown element " + name);
            }
        });
        return result[0];
    }
}
