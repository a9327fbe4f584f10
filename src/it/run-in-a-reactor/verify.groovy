import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.contains
import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.log
import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket

try (InvokerBitbucket bitbucket = InvokerBitbucket.of(context)) {
    def modules = bitbucket.shop().runs()
            .groupBy { it.variable('CASE').get() }
            .collectEntries { name, runs -> [name, runs.collect { it.variable('MODULE').orElse('-') }.sort()] }
    assert modules == [
            'plain': ['three'],
            'parallel': modules['parallel'],
            'resumed': ['three'],
            'every-parallel': ['one', 'parent', 'three', 'two'],
            'typed': ['-'],
    ]
    // Which of them arrives last under -T is not decided; that it is one, is. With a failed module there is none.
    assert modules['parallel'].size() == 1
    assert context.get('sideBySide')
    contains(log(basedir),
            "Runs in this module, three: the last of the 4 with execution 'release'.",
            "Not run in this module: execution 'release' runs once in the reactor, in the last of 4 modules (this was number 1).")
}
