package io.pdata.reliability.campaign;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateFileTest {
    @TempDir
    private Path folder;

    private StateFile of(String run) {
        return new StateFile(folder.resolve("state"), run);
    }

    private static Properties at(String place) {
        Properties state = new Properties();
        state.setProperty("place", place);
        return state;
    }

    @Test
    void whatWasStoredLastIsFound() {
        assertThat(of("seed 1").load()).isEmpty();
        of("seed 1").store(at("5"));
        of("seed 1").store(at("6"));
        assertThat(of("seed 1").load().getProperty("place")).isEqualTo("6");
        assertThat(folder).isDirectoryContaining(file -> file.endsWith("state")).isDirectoryNotContaining("glob:*.new");
    }

    @Test
    void stateOfAnotherRunIsRefused() {
        of("seed 1").store(at("5"));
        assertThatThrownBy(() -> of("seed 2").load()).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("state").hasMessageContaining("seed 1, instead of seed 2");
    }

    @Test
    void nothingIsKeptWhereNobodyWantsIt() {
        StateFile none = new StateFile(null, "seed 1");
        none.store(at("5"));
        assertThat(none.load()).isEmpty();
    }
}
