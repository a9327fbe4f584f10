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
            'two-executions-parallel': modules['two-executions-parallel'],
            'typed-execution': ['parent'],
    ]
    // Which of them arrives last under -T is not decided; that it is one, is.
    assert modules['two-executions-parallel'].size() == 2 && modules['two-executions-parallel'].count('-') == 1
    contains(log(basedir),
            "Runs in this module, parent: the first of the 4 with execution 'release'.",
            "Not run in this module: execution 'release' runs once in the reactor, and did so in the first module.",
            "Not run again: execution 'release' has had its turn in this module.")
}
