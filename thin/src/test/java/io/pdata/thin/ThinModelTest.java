package io.pdata.thin;

import io.pdata.testkit.ModelRun;
import org.junit.jupiter.api.Test;

class ThinModelTest {

    @Test
    void aPoolContainsWhatWasWrittenAndCommittedWhateverHappens() {
        new ModelRun<>("thin pool", new ThinModel(400, 4000, 100)).seeds(10).operations(400).checkEvery(20).run();
    }

    @Test
    void theSameHoldsWhereBothKindsOfBlocksRunOutAllTheTime() {
        new ModelRun<>("full thin pool", new ThinModel(48, 260, 2)).seeds(20).operations(300).checkEvery(10).run();
    }
}
