package io.pdata.cli.thin;

import io.pdata.cli.tool.InvalidValueException;
import io.pdata.cli.tool.Kind;
import java.util.List;
import java.util.stream.Stream;

/** The columns that were asked for, in order; the same one may come again. */
record FieldList(List<ListField> all) {
    /** Their names, with commas between them. */
    static final Kind<FieldList> KIND = new Kind<>(FieldList.class, FieldList::of);

    private static FieldList of(String names) {
        return new FieldList(Stream.of(names.split(",", -1)).map(FieldList::field).toList());
    }

    private static ListField field(String name) {
        return Stream.of(ListField.values()).filter(field -> field.name().equals(name)).findAny()
                .orElseThrow(() -> new InvalidValueException("Unknown field"));
    }
}
