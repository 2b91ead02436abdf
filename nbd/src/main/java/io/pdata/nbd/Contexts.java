package io.pdata.nbd;

import java.util.ArrayList;
import java.util.List;

/** The metadata contexts of an export, and which of them a client means. */
final class Contexts {
    private Contexts() {}

    /** All of an export, {@code base:allocation} first. */
    static List<MetadataContext> of(Export export) {
        List<MetadataContext> all = new ArrayList<>();
        MetadataContext allocation = export.allocation();
        all.add(allocation != null ? allocation : new AllData());
        all.addAll(export.contexts());
        return all;
    }

    /**
     * Those that queries ask for, without repetition.
     *
     * @param listing whether a name that ends with a colon stands for all that begin with it, and no query for all
     */
    static List<MetadataContext> matching(Export export, List<String> queries, boolean listing) {
        if (listing && queries.isEmpty()) {
            return of(export);
        }
        return of(export).stream().filter(context -> queries.stream().anyMatch(query -> query.equals(context.name())
                || listing && query.endsWith(":") && context.name().startsWith(query))).toList();
    }

    /** Says that every byte may be anything. */
    private record AllData() implements MetadataContext {
        @Override
        public String name() {
            return Protocol.BASE_ALLOCATION;
        }

        @Override
        public void describe(long position, long length, Extents extents) {
            extents.extent(length, 0);
        }
    }
}
