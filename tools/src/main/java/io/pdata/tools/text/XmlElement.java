package io.pdata.tools.text;

import java.nio.charset.StandardCharsets;

/** A kind of element, and the attributes that it can have. Immutable. */
public final class XmlElement {
    private static final String OPTIONAL = "?";

    final byte[] name;
    final byte[][] attributes;
    final boolean[] optional;

    /** @param attributes their names; that of one which may be missing ends with a question mark */
    public XmlElement(String name, String... attributes) {
        this.name = name.getBytes(StandardCharsets.US_ASCII);
        this.attributes = new byte[attributes.length][];
        this.optional = new boolean[attributes.length];
        for (int i = 0; i < attributes.length; i++) {
            optional[i] = attributes[i].endsWith(OPTIONAL);
            String bare = optional[i] ? attributes[i].substring(0, attributes[i].length() - 1) : attributes[i];
            this.attributes[i] = bare.getBytes(StandardCharsets.US_ASCII);
        }
    }

    /** The name, for messages. */
    public String name() {
        return new String(name, StandardCharsets.US_ASCII);
    }
}
