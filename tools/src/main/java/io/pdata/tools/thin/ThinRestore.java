package io.pdata.tools.thin;

import io.pdata.core.device.Device;
import io.pdata.tools.Report;
import io.pdata.tools.ToolException;
import io.pdata.tools.text.XmlIn;
import java.io.InputStream;

/**
 * Makes metadata of a thin pool from XML, as {@code thin_restore} of thin-provisioning-tools does, but as the XML is
 * read: memory is that of {@link XmlIn} and of {@link ThinWriter}, however long it is.
 */
public final class ThinRestore {
    private ThinRestore() {}

    /** As {@link #restore(InputStream, PoolOverrides, Report, Device)}; corrections are not reported. */
    public static void restore(InputStream xml, PoolOverrides overrides, Device output) {
        restore(xml, overrides, Report.SILENT, output);
    }

    /**
     * Restores metadata.
     *
     * @param xml stays open
     * @param report receives corrections of the XML
     * @param output is overwritten, and closed
     * @throws ToolException if the XML is wrong, or there is not enough room; there are then no new metadata
     */
    public static void restore(InputStream xml, PoolOverrides overrides, Report report, Device output) {
        try (ThinWriter writer = new ThinWriter(output, report)) {
            ThinXml.read(new XmlIn(xml), overrides, writer);
        }
    }
}
