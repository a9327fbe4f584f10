import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.contains
import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.log
import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket

try (InvokerBitbucket bitbucket = InvokerBitbucket.of(context)) {
    def modules = bitbucket.shop().runs()
            .groupBy { it.variable('CASE').get() }
            .collectEntries { name, runs -> [name, runs.collect { it.variable('MODULE').orElse('-') }.sort()] }
    assert modules == [
            'plain': ['three'],
            'parallel': ['three'],
            'resumed': ['three'],
            'every-parallel': ['one', 'parent', 'three', 'two'],
            'typed': ['-'],
    ]
    assert context.get('sideBySide')
    contains(log(basedir),
            "The execution 'release' (run) runs now, with the values of module three: the last of them (4 modules have it).",
            "Not run in this module: execution 'release' (run) runs once in the reactor; awaited: one, two, three.",
            "What the execution 'release' (run) would send differs between the modules that have it")
}
