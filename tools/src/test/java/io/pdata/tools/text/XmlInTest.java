package io.pdata.tools.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pdata.tools.ToolException;
import io.pdata.tools.text.XmlIn.Tag;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class XmlInTest {
    private static final XmlElement BOX = new XmlElement("box", "name", "size", "flag?");

    /** Gives a few bytes at a time, so that everything is cut in two somewhere. */
    private static InputStream stream(String text, int atATime) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)) {
            @Override
            public synchronized int read(byte[] bytes, int from, int length) {
                return super.read(bytes, from, Math.min(length, atATime));
            }
        };
    }

    private static XmlIn xml(String text) {
        return new XmlIn(stream(text, 7));
    }

    private static void readAll(String text) {
        XmlIn xml = xml(text);
        for (Tag tag = xml.next(); tag != Tag.NONE; tag = xml.next()) {
            if (tag != Tag.END && xml.is(BOX)) {
                xml.attributesOf(BOX);
                xml.u64(1);
                if (xml.has(2)) {
                    xml.bool(2);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5, 17, 1000})
    void tagsAndValuesAreRead(int atATime) {
        XmlIn xml = new XmlIn(stream("""
                \uFEFF<!-- a <box> > in a comment --><outer>
                  <box size = "18446744073709551615"
                       name='a > &lt;&amp;&#233;&#x20ac;"' flag="true" />
                </outer ><!---->
                """, atATime));
        assertThat(xml.next()).isEqualTo(Tag.START);
        assertThat(xml.name()).isEqualTo("outer");
        assertThat(xml.next()).isEqualTo(Tag.EMPTY);
        assertThat(xml.is(BOX)).isTrue();
        xml.attributesOf(BOX);
        assertThat(xml.u64(1)).isEqualTo(-1);
        assertThat(xml.string(0)).isEqualTo("a > <&é€\"");
        assertThat(xml.has(2)).isTrue();
        assertThat(xml.bool(2)).isTrue();
        assertThat(xml.next()).isEqualTo(Tag.END);
        assertThat(xml.next()).isEqualTo(Tag.NONE);
        assertThat(xml.next()).isEqualTo(Tag.NONE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"<?xml version='1.0' encoding='utf-8'?>\n",
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone='yes'?>",
        "\uFEFF<?xml version=\"1.1\" encoding = \"us-ascii\"?>",
        "<?xml version='1.0'?><!-- a --><?other?>\n<?xml-stylesheet href='x'?>"})
    void aDeclarationIsAccepted(String start) {
        for (int atATime : new int[]{1, 3, 1000}) {
            XmlIn xml = new XmlIn(stream(start + "<outer></outer>", atATime));
            assertThat(xml.next()).isEqualTo(Tag.START);
            assertThat(xml.name()).isEqualTo("outer");
        }
    }

    @Test
    void wideCharactersAreNamed() {
        for (Charset charset : List.of(StandardCharsets.UTF_16, StandardCharsets.UTF_16BE, StandardCharsets.UTF_16LE)) {
            assertThatThrownBy(() -> new XmlIn(new ByteArrayInputStream("<a/>".getBytes(charset))))
                    .isInstanceOf(ToolException.class).hasMessageContaining("encoded in UTF-16");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', value = {
        "<box name=\"\" size=\"1\" more=\"2\"/> | unknown attribute 'more' in tag 'box', line 1",
        "<box name=\"\"/> | missing attribute 'size' for tag 'box', line 1",
        "<box name=\"\" size=\"1\" size=\"1\"/> | duplicated attribute 'size' in tag 'box', line 1",
        "<box name=\"\" size=\"\"/> | cannot parse integer from empty string",
        "<box name=\"\" size=\"+1\"/> | invalid digit found in string: size=\"+1\" in tag 'box', line 1",
        "<box name=\"\" size=\" 1\"/> | invalid digit", "<box name=\"\" size=\"-1\"/> | invalid digit",
        "<box name=\"\" size=\"0x1\"/> | invalid digit", "<box name=\"\" size=\"&#49;\"/> | invalid digit",
        "<box name=\"\" size=\"18446744073709551616\"/> | number too large to fit in target type",
        "<box name=\"\" size=\"99999999999999999999\"/> | number too large to fit in target type",
        "<box name=\"\" size=\"100000000000000000000\"/> | number too large to fit in target type",
        "<box name=\"\" size=\"1\" flag=\"yes\"/> | neither true nor false: flag=\"yes\"",
        "<box name=\"\" size=1/> | attribute 'size' of 'box' has no value in quotes",
        "<box name=\"\"size=\"1\"/> | no blank before an attribute of 'box'",
        "<box name size=\"1\"/> | 's' where '=' should be",
        "<box name=\"\" size=\"1\"/ > | ' ' where '>' should be",
        "<a/><?xml version=\"1.0\"?> | unsupported element",
        "<!----><?xml version=\"1.0\"?><a/> | at the start of the file",
        "<?xml version='1.0' encoding='utf-16'?><a/> | encoded in 'utf-16', but only UTF-8 is supported",
        "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><a/> | encoded in 'ISO-8859-1'",
        "<?xml version=\"1.0\" | ends inside of the XML declaration, line 1",
        "<a/><?x | inside of a processing instruction",
        "<!DOCTYPE x><box/> | unsupported element",
        "<a><![CDATA[x]]></a> | unsupported element", "hello | text outside of tags",
        "<a>hello</a> | text outside of tags", "<a/>x | text outside of tags",
        "<a></b> | mismatched end tag: expected 'a', found 'b'", "</a> | mismatched end tag: expected none, found 'a'",
        "<a><b></a></b> | mismatched end tag: expected 'b', found 'a'", "< a/> | a tag without a name",
        "<> | a tag without a name", "<a/>< | incomplete source metadata", "<a | incomplete source metadata",
        "<a b | incomplete source metadata", "<a b= | incomplete source metadata",
        "<a b=\"x> | incomplete source metadata", "<a b=\"x\" | incomplete source metadata",
        "<a b=\"x\"/ | incomplete source metadata", "<a> | incomplete source metadata: the file ends inside of <a>",
        "<!-- | incomplete source metadata", "<a/><!-- -- | incomplete source metadata",
        "<a><a><a><a><a><a><a><a><a> | elements lie too deep", "<a<b/> | no blank before an attribute"})
    void everythingElseIsAnError(String text, String problem) {
        assertThatThrownBy(() -> readAll(text)).isInstanceOf(ToolException.class).hasMessageContaining(problem);
    }

    @ParameterizedTest
    @ValueSource(strings = {"&foo;", "&", "&amp", "&#;", "&#x;", "&#9999999;", "&#x110000;"})
    void unknownEntitiesAreErrors(String value) {
        XmlIn xml = xml("<box name=\"" + value + "\" size=\"1\"/>");
        xml.next();
        xml.attributesOf(BOX);
        assertThatThrownBy(() -> xml.string(0)).hasMessageContaining("unrecognized entity");
    }

    @Test
    void errorsKnowTheirLineHoweverFarDown() {
        String lines = "<box name=\"\" size=\"1\"/>\n".repeat(30_000);
        assertThatThrownBy(() -> readAll(lines + "<box\nname=\"\"/>")).hasMessageEndingWith(", line 30001");
        assertThatThrownBy(() -> readAll(lines + "\n<!--\n-->\n<box name=\"\"/>")).hasMessageEndingWith(", line 30004");
    }

    @Test
    void aTagHasAnEnd() {
        String name = "x".repeat(40_000);
        assertThatThrownBy(() -> readAll("<box name=\"" + name + "\" size=\"1\"/>"))
                .hasMessageContaining("a tag that is too long");
        readAll("<box name=\"" + name.substring(10_000) + "\" size=\"1\"/>");
        assertThatThrownBy(() -> readAll("<box" + " a=\"1\"".repeat(17) + "/>")).hasMessageContaining("too many");
        readAll("<a>" + " ".repeat(1_000_000) + "<!--" + "-".repeat(1_000_000) + "--></a>");
    }

    @Test
    void anInputThatFailsIsNamed() {
        InputStream broken = new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("gone");
            }
        };
        assertThatThrownBy(() -> new XmlIn(broken).next()).isInstanceOf(ToolException.class)
                .hasMessageContaining("gone");
    }
}
