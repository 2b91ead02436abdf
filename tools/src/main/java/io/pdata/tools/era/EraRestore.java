package io.pdata.tools.era;

import io.pdata.core.device.Device;
import io.pdata.tools.ToolException;
import io.pdata.tools.text.XmlIn;
import java.io.InputStream;

/**
 * Makes era metadata from XML, as {@code era_restore} of thin-provisioning-tools does, as the XML is read: memory is that of
 * {@link XmlIn} and of {@link EraWriter}.
 */
public final class EraRestore {
    private EraRestore() {}

    /**
     * Restores metadata.
     *
     * @param xml stays open
     * @param output is overwritten, and closed
     * @throws ToolException if the XML is wrong, or there is not enough room; there are then no new metadata
     */
    public static void restore(InputStream xml, Device output) {
        try (EraWriter writer = new EraWriter(output)) {
            EraXml.read(new XmlIn(xml), writer);
        }
    }
}
