package io.pdata.nbd;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The address of an export. Source: doc/uri.md of the NetworkBlockDevice project; what is said of TLS is as libnbd has it.
 *
 * @param socket where the server is
 * @param export the name of the export
 * @param tls whether nothing is said without TLS
 * @param certificates the folder with the certificates to use; null: those of authorities that Java knows
 * @param hostname whose certificate the server's has to be; null if it is the authority alone that counts
 */
record NbdUri(SocketAddress socket, String export, boolean tls, Path certificates, String hostname) {
    private static final Pattern SCHEME = Pattern.compile("nbds?(\\+[a-z]+)?:");
    private static final Pattern QEMU = Pattern.compile("nbd:unix:([^:]+)(?::exportname=(.*))?");
    private static final String CERTIFICATES = "tls-certificates";
    private static final String HOSTNAME = "tls-hostname";

    /** Whether a text is meant for {@link #parse}, which may still refuse it. */
    static boolean isMeant(String text) {
        return SCHEME.matcher(text).lookingAt();
    }

    /** @throws IOException if it is no address; it says why */
    static NbdUri parse(String text) throws IOException {
        Matcher qemu = QEMU.matcher(text);
        if (qemu.matches()) {
            return new NbdUri(UnixDomainSocketAddress.of(qemu.group(1)), qemu.group(2) == null ? "" : qemu.group(2),
                    false, null, null);
        }
        try {
            return parse(URI.create(text));
        } catch (IllegalArgumentException e) {
            throw new IOException(text + " is no address of an NBD export: " + e.getMessage(), e);
        }
    }

    private static NbdUri parse(URI uri) throws IOException {
        Map<String, String> parameters = parameters(uri);
        String export = uri.getPath() == null ? "" : uri.getPath().replaceFirst("^/", "");
        String scheme = String.valueOf(uri.getScheme());
        boolean tls = scheme.startsWith("nbds");
        if (tls) {
            refuseOtherTls(parameters);
        }
        Path certificates = parameters.containsKey(CERTIFICATES) ? Path.of(parameters.get(CERTIFICATES)) : null;
        if (scheme.matches("nbds?") && uri.getHost() != null) {
            int port = uri.getPort() < 0 ? Protocol.DEFAULT_PORT : uri.getPort();
            String host = uri.getHost().replaceAll("^\\[|\\]$", "");
            return new NbdUri(new InetSocketAddress(uri.getHost(), port), export, tls, certificates,
                    parameters.getOrDefault(HOSTNAME, host));
        }
        if (scheme.matches("nbds?\\+unix") && parameters.containsKey("socket")) {
            return new NbdUri(UnixDomainSocketAddress.of(parameters.get("socket")), export, tls, certificates,
                    parameters.get(HOSTNAME));
        }
        throw new IOException(uri + " is no address of an NBD export: nbd://HOST/EXPORT or"
                + " nbd+unix:///EXPORT?socket=PATH, with TLS nbds://... or nbds+unix://...");
    }

    private static Map<String, String> parameters(URI uri) {
        Map<String, String> parameters = new HashMap<>();
        String query = uri.getRawQuery() == null ? "" : uri.getRawQuery();
        for (String parameter : query.split("&")) {
            int end = parameter.indexOf('=');
            if (end > 0) {
                parameters.put(parameter.substring(0, end), decoded(parameter.substring(end + 1)));
            }
        }
        return parameters;
    }

    /** In addresses a plus sign stands for itself. */
    private static String decoded(String value) {
        return URLDecoder.decode(value.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    /** Whoever asks for something that has to do with safety must not be left without it. */
    private static void refuseOtherTls(Map<String, String> parameters) throws IOException {
        for (String name : parameters.keySet()) {
            if (name.startsWith("tls-") && !name.equals(CERTIFICATES) && !name.equals(HOSTNAME)) {
                throw new IOException("'" + name + "' is not known here, only " + CERTIFICATES + " and " + HOSTNAME);
            }
        }
    }
}
