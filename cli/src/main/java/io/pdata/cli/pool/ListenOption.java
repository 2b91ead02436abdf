package io.pdata.cli.pool;

import io.pdata.server.ListenAddress;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** Understands {@code --listen}, and keeps what is served from other machines unless that is wanted. */
final class ListenOption {
    private ListenOption() {}

    /**
     * The addresses that were given.
     *
     * @param allowPublic whether other machines may reach them
     * @param danger what whoever connects could do
     */
    static List<ListenAddress> addresses(CommandSpec command, List<String> given, boolean allowPublic, String danger) {
        List<ListenAddress> addresses;
        try {
            addresses = given.stream().map(ListenAddress::parse).toList();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command.commandLine(), "--listen: " + e.getMessage(), e);
        }
        for (ListenAddress address : addresses) {
            if (address.isPublic() && !allowPublic) {
                throw new ParameterException(command.commandLine(), "--listen: other machines can reach " + address
                        + ", and whoever connects can " + danger + "; --allow-public does it all the same");
            }
        }
        return addresses;
    }
}
