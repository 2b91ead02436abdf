package io.pdata.reliability.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pdata.reliability.disk.SimulatedDisk;
import org.junit.jupiter.api.Test;

class PromisesTest {
    private final SimulatedDisk disk = new SimulatedDisk(512, 1);
    private final Promises<String> promises = new Promises<>(disk.history(), "old");

    @Test
    void betweenAskingAndAcknowledgingBothAreAllowed() {
        disk.flush();
        promises.asked("new");
        disk.flush();
        disk.flush();
        promises.acknowledged("new");
        disk.flush();
        assertThat(promises.allowedAt(0)).containsExactly("old");
        assertThat(promises.allowedAt(1)).containsExactly("old", "new");
        assertThat(promises.allowedAt(2)).containsExactly("old", "new");
        assertThat(promises.allowedAt(3)).as("when it had been acknowledged").containsExactly("new");
        assertThat(promises.allowedAt(4)).containsExactly("new");
    }

    @Test
    void anythingElseIsRefused() {
        promises.judge(0, "old");
        assertThatThrownBy(() -> promises.judge(0, "older")).isInstanceOf(AssertionError.class)
                .hasMessageContaining("older");
        assertThatThrownBy(() -> promises.judge(0, null)).isInstanceOf(AssertionError.class);
    }
}
