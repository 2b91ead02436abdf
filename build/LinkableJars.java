import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFileVersion;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.attribute.ModuleAttribute;
import java.lang.classfile.attribute.ModulePackagesAttribute;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.lang.constant.ModuleDesc;
import java.lang.constant.PackageDesc;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReference;
import java.lang.reflect.AccessFlag;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;

/**
 * Makes jars of others fit for a runtime of our own that starts fast. Nothing changes in what their classes do.
 *
 * <p>Classes for Java 5 are brought to the form of Java 8, in which the types that the verifier wants to find at jumps are
 * noted: the virtual machine's ahead-of-time cache takes nothing older than Java 6, and picocli is for Java 5. A jar that
 * says nothing of modules gets the descriptor that it would be given when it is used as a module, for jlink takes no other.
 *
 * <p>{@code java LinkableJars.java JAR...} replaces each jar that needs it.
 */
final class LinkableJars {
    private static final int OLDEST_FOR_THE_CACHE = 50;
    private static final String DESCRIPTOR = "module-info.class";
    private static final ClassTransform NEWER = ((ClassTransform) (to, element) -> to
            .with(element instanceof ClassFileVersion ? ClassFileVersion.of(ClassFile.JAVA_8_VERSION, 0) : element))
            .andThen(ClassTransform.transformingMethodBodies((to, element) -> to.with(element)));

    private final Path jar;
    private final SortedSet<String> usedPackages = new TreeSet<>();
    private boolean changed;

    private LinkableJars(Path jar) {
        this.jar = jar;
    }

    public static void main(String[] jars) throws IOException {
        for (String name : jars) {
            new LinkableJars(Path.of(name)).convert();
        }
    }

    private void convert() throws IOException {
        ModuleDescriptor module = ModuleFinder.of(jar).findAll().iterator().next().descriptor();
        Path made = jar.resolveSibling(jar.getFileName() + ".new");
        try (URLClassLoader classes = new URLClassLoader(new URL[]{jar.toUri().toURL()});
                JarFile in = new JarFile(jar.toFile());
                OutputStream file = Files.newOutputStream(made);
                JarOutputStream out = new JarOutputStream(file)) {
            ClassFile tool = ClassFile.of(ClassFile.StackMapsOption.GENERATE_STACK_MAPS,
                    ClassFile.ClassHierarchyResolverOption.of(ClassHierarchyResolver.ofResourceParsing(classes)
                            .orElse(ClassHierarchyResolver.defaultResolver())));
            for (JarEntry entry : Collections.list(in.entries())) {
                put(out, entry.getName(), entry.getTime(), content(tool, in, entry));
            }
            if (module.isAutomatic()) {
                put(out, DESCRIPTOR, jar.toFile().lastModified(), descriptor(tool, module));
                changed = true;
            }
        }
        if (changed) {
            Files.move(made, jar, StandardCopyOption.REPLACE_EXISTING);
        } else {
            Files.delete(made);
        }
    }

    private static void put(JarOutputStream out, String name, long time, byte[] content) throws IOException {
        ZipEntry entry = new ZipEntry(name);
        entry.setTime(time);
        out.putNextEntry(entry);
        out.write(content);
        out.closeEntry();
    }

    private byte[] content(ClassFile tool, JarFile in, JarEntry entry) throws IOException {
        byte[] content;
        try (InputStream bytes = in.getInputStream(entry)) {
            content = bytes.readAllBytes();
        }
        if (!entry.getName().endsWith(".class")) {
            return content;
        }
        ClassModel model = tool.parse(content);
        for (PoolEntry constant : model.constantPool()) {
            if (constant instanceof ClassEntry used && used.asInternalName().lastIndexOf('/') > 0) {
                String name = used.asInternalName();
                usedPackages.add(name.substring(0, name.lastIndexOf('/')).replaceFirst("^\\[+L", "").replace('/', '.'));
            }
        }
        if (model.majorVersion() >= OLDEST_FOR_THE_CACHE) {
            return content;
        }
        changed = true;
        byte[] newer = tool.transformClass(model, NEWER);
        if (!tool.verify(newer).isEmpty()) {
            throw new IllegalStateException(entry.getName() + ": " + tool.verify(newer));
        }
        return newer;
    }

    /** Exports all, and requires those modules of the JDK whose packages its classes name. */
    private byte[] descriptor(ClassFile tool, ModuleDescriptor module) {
        Map<String, String> modules = ModuleFinder.ofSystem().findAll().stream().map(ModuleReference::descriptor)
                .flatMap(it -> it.packages().stream().map(name -> Map.entry(name, it.name())))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
        SortedSet<String> required = usedPackages.stream().filter(modules::containsKey).map(modules::get)
                .filter(name -> !name.equals("java.base")).collect(Collectors.toCollection(TreeSet::new));
        List<PackageDesc> packages = module.packages().stream().sorted().map(PackageDesc::of).toList();
        ModuleAttribute attribute = ModuleAttribute.of(ModuleDesc.of(module.name()), it -> {
            it.requires(ModuleDesc.of("java.base"), List.of(AccessFlag.MANDATED), null);
            required.forEach(name -> it.requires(ModuleDesc.of(name), List.of(), null));
            packages.forEach(name -> it.exports(name, List.of()));
        });
        return tool.buildModule(attribute, it -> it.with(ModulePackagesAttribute.ofNames(packages)));
    }
}
