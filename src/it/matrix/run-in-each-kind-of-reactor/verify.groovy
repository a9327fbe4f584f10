import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.contains
import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.log
import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket

try (InvokerBitbucket bitbucket = InvokerBitbucket.of(context)) {
    def modules = bitbucket.shop().runs()
            .groupBy { it.variable('CASE').get() }
            .collectEntries { name, runs -> [name, runs.collect { it.variable('MODULE').orElse('-') }.sort()] }
    assert modules == [
            'some-modules': ['three'],
            'with-what-it-needs': ['two'],
            'parent-only': ['parent'],
            'first': ['parent'],
            'every': ['one', 'parent', 'three', 'two'],
            'last-skips': ['two'],
            'two-executions': ['-', 'three'],
            'in-two-phases': ['three'],
            'alone-in-two-phases': ['parent'],
            'skip-overruled': ['three'],
            'refined': ['three'],
            'last-is-configured-to-skip': ['two'],
            'two-executions-parallel': ['-', 'three'],
            'typed-execution': ['parent'],
    ]
    contains(log(basedir),
            "The execution 'release' (run) runs now, with the values of module parent: the first to get there (4 modules have it).",
            "Not run in this module: execution 'release' (run) runs once in the reactor, and has run in parent.",
            "Not run again: execution 'release' (run) has been handled in this module.")
}
