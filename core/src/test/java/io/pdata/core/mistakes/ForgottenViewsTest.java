package io.pdata.core.mistakes;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.core.testing.TestStore;
import io.pdata.core.transaction.OpenView;
import io.pdata.core.transaction.ReadView;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A view that is never closed costs space: where it was opened is known. */
class ForgottenViewsTest {
    private static ReadView<long[]> forget(TestStore store) {
        return store.openView();
    }

    @Test
    void openViewsAreListedWithWhereTheyWereOpened() {
        try (TestStore store = TestStore.format(100)) {
            List<ReadView<long[]>> views = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                views.add(forget(store));
            }
            views.remove(1).close();
            views.remove(3).close();
            assertThat(store.transactions().openViews()).hasSize(3);
            OpenView view = store.transactions().openViews().getFirst();
            assertThat(view.thread()).isEqualTo(Thread.currentThread().getName());
            assertThat(view.toString()).contains("ForgottenViewsTest.forget(ForgottenViewsTest.java:");
            views.forEach(ReadView::close);
            assertThat(store.transactions().openViews()).isEmpty();
        }
    }
}
