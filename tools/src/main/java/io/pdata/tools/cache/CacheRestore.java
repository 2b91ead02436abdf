package io.pdata.tools.cache;

import io.pdata.core.device.Device;
import io.pdata.tools.ToolException;
import io.pdata.tools.text.XmlIn;
import java.io.InputStream;

/**
 * Makes metadata of a cache from XML, as {@code cache_restore} of thin-provisioning-tools does, as the XML is read: memory is
 * that of {@link XmlIn} and of {@link CacheWriter}.
 */
public final class CacheRestore {
    private CacheRestore() {}

    /**
     * Restores metadata.
     *
     * @param xml stays open
     * @param output is overwritten, and closed
     * @throws ToolException if the XML is wrong, or there is not enough room; there are then no new metadata
     */
    public static void restore(InputStream xml, CacheWriter.Options options, Device output) {
        try (CacheWriter writer = new CacheWriter(output, options)) {
            CacheXml.read(new XmlIn(xml), writer);
        }
    }
}
