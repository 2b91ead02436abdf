package io.pdata.nbd;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The metadata contexts of an export, and which of them a client means. */
final class Contexts {
    private Contexts() {}

    /** All of an export, {@code base:allocation} first. */
    private static List<MetadataContext> of(Export export) {
        List<MetadataContext> all = new ArrayList<>();
        MetadataContext allocation = export.allocation();
        all.add(allocation != null ? allocation : new AllData());
        all.addAll(export.contexts());
        return all;
    }

    /** Those that queries ask for: by name, or by what a name begins with up to a colon; all if there are no queries. */
    static List<MetadataContext> listed(Export export, List<String> queries) {
        if (queries.isEmpty()) {
            return of(export);
        }
        return of(export).stream().filter(context -> queries.stream().anyMatch(
                query -> query.equals(context.name()) || query.endsWith(":") && context.name().startsWith(query)))
                .toList();
    }

    /** The names of those that are asked for by name, without repetition. */
    static List<String> selected(Export export, List<String> queries) {
        return of(export).stream().map(MetadataContext::name).filter(queries::contains).toList();
    }

    /** Those with these names, in their order; none at all if one of them is not there. */
    static List<MetadataContext> named(Export export, List<String> names) {
        if (names.isEmpty()) {
            return List.of();
        }
        Map<String, MetadataContext> all = of(export).stream()
                .collect(Collectors.toMap(MetadataContext::name, Function.identity(), (first, _) -> first));
        return all.keySet().containsAll(names) ? names.stream().map(all::get).toList() : List.of();
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
