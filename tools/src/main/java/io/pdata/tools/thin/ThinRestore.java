package io.pdata.tools.thin;

import io.pdata.core.device.Device;
import io.pdata.tools.ToolException;
import io.pdata.tools.text.XmlIn;
import java.io.InputStream;

/**
 * Makes metadata of a thin pool from XML, as {@code thin_restore} of thin-provisioning-tools does, but as the XML is read:
 * memory is that of {@link XmlIn} and of {@link ThinWriter}, however long it is.
 */
public final class ThinRestore {
    private ThinRestore() {}

    /**
     * Restores metadata.
     *
     * @param xml stays open
     * @param output is overwritten, and closed
     * @throws ToolException if the XML is wrong, or there is not enough room; there are then no new metadata
     */
    public static void restore(InputStream xml, PoolOverrides overrides, Device output) {
        try (ThinWriter writer = new ThinWriter(output)) {
            ThinXml.read(new XmlIn(xml), overrides, writer);
        }
    }
}
