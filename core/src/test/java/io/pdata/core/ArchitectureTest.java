package io.pdata.core;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Arrows point down only: a layer knows those below it and nothing of those above. */
class ArchitectureTest {
    /** From the lowest to the highest. */
    private static final List<String> LAYERS = List.of("device", "block", "space", "transaction", "btree", "spacemap",
            "array", "bitset", "store");

    private final JavaClasses classes = new ClassFileImporter().withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.pdata.core");

    @Test
    void noLayerKnowsOneAboveIt() {
        var architecture = layeredArchitecture().consideringOnlyDependenciesInLayers();
        for (String layer : LAYERS) {
            architecture = architecture.layer(layer).definedBy("io.pdata.core." + layer + "..");
        }
        for (int i = 0; i < LAYERS.size(); i++) {
            List<String> above = LAYERS.subList(i + 1, LAYERS.size());
            architecture = above.isEmpty()
                    ? architecture.whereLayer(LAYERS.get(i)).mayNotBeAccessedByAnyLayer()
                    : architecture.whereLayer(LAYERS.get(i)).mayOnlyBeAccessedByLayers(above.toArray(String[]::new));
        }
        architecture.check(classes);
    }

    @Test
    void everyPackageIsALayer() {
        noClasses().should().resideOutsideOfPackages(
                LAYERS.stream().map(layer -> "io.pdata.core." + layer).toArray(String[]::new)).check(classes);
    }

    @Test
    void theCoreDependsOnNothingButTheJdk() {
        noClasses().should().dependOnClassesThat().resideOutsideOfPackages("java..", "io.pdata.core..").check(classes);
    }
}
