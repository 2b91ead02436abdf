/**
 * The Linux kernel's persistent-data library in Java: blocks, transactions, space maps, B+trees, arrays and bitsets,
 * byte for byte as the kernel writes them.
 *
 * <p>The packages are layers; each knows only those above it in the list of exports.
 */
module io.pdata.core {
    exports io.pdata.core.device;
    exports io.pdata.core.block;
    exports io.pdata.core.space;
    exports io.pdata.core.transaction;
    exports io.pdata.core.btree;
    exports io.pdata.core.spacemap;
    exports io.pdata.core.array;
    exports io.pdata.core.bitset;
    exports io.pdata.core.store;
}
