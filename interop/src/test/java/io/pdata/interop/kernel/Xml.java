package io.pdata.interop.kernel;

import java.io.StringReader;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/** Reads the dumps that the tools write. */
final class Xml {
    private Xml() {}

    /** The attributes of one element. */
    record Attributes(Map<String, String> values) {
        String text(String name) {
            String value = values.get(name);
            if (value == null) {
                throw new AssertionError("no attribute " + name + " among " + values);
            }
            return value;
        }

        long number(String name) {
            return Long.parseUnsignedLong(text(name));
        }

        long number(String name, long otherwise) {
            return values.containsKey(name) ? number(name) : otherwise;
        }
    }

    /** Calls back for each element as it begins, with its name. */
    static void read(String xml, BiConsumer<String, Attributes> onElement) {
        try {
            XMLStreamReader reader = XMLInputFactory.newDefaultFactory().createXMLStreamReader(new StringReader(xml));
            while (reader.hasNext()) {
                if (reader.next() == XMLStreamReader.START_ELEMENT) {
                    Map<String, String> attributes = new HashMap<>();
                    for (int i = 0; i < reader.getAttributeCount(); i++) {
                        attributes.put(reader.getAttributeLocalName(i), reader.getAttributeValue(i));
                    }
                    onElement.accept(reader.getLocalName(), new Attributes(attributes));
                }
            }
        } catch (XMLStreamException e) {
            throw new AssertionError("not well-formed: " + xml.lines().limit(5).toList(), e);
        }
    }
}
