package io.pdata.cli.tool;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** What {@code --version} shows. */
public final class Version {
    /** The version of this program: three numbers. */
    public static final String NUMBER = read();

    /** The version of thin-provisioning-tools whose options, output and exit statuses the tools have. */
    private static final String CONTRACT = "1.3.3";

    /**
     * The version of the tools. LVM and others read three numbers at the start of the line and compare them with the version of
     * thin-provisioning-tools that they need.
     */
    public static final String OF_TOOLS = CONTRACT + " (pdata " + NUMBER + ")";

    private Version() {}

    private static String read() {
        try (InputStream in = Version.class.getResourceAsStream("version.properties")) {
            Properties properties = new Properties();
            properties.load(in);
            return properties.getProperty("version").replaceFirst("-.*", "");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
