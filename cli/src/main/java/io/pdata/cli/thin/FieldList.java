package io.pdata.cli.thin;

import io.pdata.cli.tool.InvalidValueException;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine.ITypeConverter;

/** The columns that were asked for, in order; the same one may come again. */
record FieldList(List<ListField> all) {

    /** From their names, with commas between them. */
    static final class Converter implements ITypeConverter<FieldList> {
        @Override
        public FieldList convert(String value) {
            return new FieldList(Stream.of(value.split(",", -1)).map(Converter::field).toList());
        }

        private static ListField field(String name) {
            return Stream.of(ListField.values()).filter(field -> field.name().equals(name)).findAny()
                    .orElseThrow(() -> new InvalidValueException("Unknown field"));
        }
    }
}
