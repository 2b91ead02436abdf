package io.pdata.nbd;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The metadata contexts of an export, and which of them a client means. */
final class Contexts {
    private Contexts() {}

    private static MetadataContext allocation(Export export) {
        MetadataContext allocation = export.allocation();
        return allocation != null ? allocation : new AllData();
    }

    /**
     * The names of those that queries ask for, {@code base:allocation} first: by name, or by the beginning of names up to a
     * colon; all if there are no queries.
     */
    static List<String> listed(Export export, List<String> queries) {
        Set<String> names = new LinkedHashSet<>();
        names.add(allocation(export).name());
        names.addAll(export.contextNames());
        if (!queries.isEmpty()) {
            Set<String> beginnings = queries.stream().filter(query -> query.endsWith(":")).collect(Collectors.toSet());
            names.removeIf(name -> beginnings.stream().noneMatch(name::startsWith));
            names.addAll(selected(export, queries));
        }
        return List.copyOf(names);
    }

    /** The names of those that are asked for by name, without repetition. */
    static List<String> selected(Export export, List<String> queries) {
        return queries.stream().distinct().filter(query -> find(export, query).isPresent()).toList();
    }

    /** Those with these names, in their order; none at all if one of them is not there. */
    static List<MetadataContext> named(Export export, List<String> names) {
        List<MetadataContext> found = names.stream().map(name -> find(export, name)).flatMap(Optional::stream).toList();
        return found.size() == names.size() ? found : List.of();
    }

    private static Optional<MetadataContext> find(Export export, String name) {
        MetadataContext allocation = allocation(export);
        return allocation.name().equals(name) ? Optional.of(allocation) : export.context(name);
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
