import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.contains
import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.log
import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket

try (InvokerBitbucket bitbucket = InvokerBitbucket.of(context)) {
    bitbucket.created(0)
    assert bitbucket.embedded().requests().every { it.method() == 'GET' }
    // Five operations, in the first module alone, before anything is built.
    assert bitbucket.embedded().requests().size() == 5
    String log = log(basedir)
    contains(log,
            '[ERROR] ✗ The credentials may not start a run: they lack the scope',
            '[ERROR] ✗ Pipelines is not enabled',
            '[ERROR] ✗ Variable VERSOIN is not declared by the pipeline: did you mean VERSION?',
            '[ERROR] ✗ Variable ENVIRONMENT has a value that the pipeline does not allow: did you mean \'production\'?; allowed: staging, production',
            '[ERROR] ✗ Variable VERSION is not given, and has no default (What to deploy)',
            'A run would fail, for 5 reasons:',
            '(and 1 more, see above)')
    assert log.count('✗ Pipelines is not enabled') == 2
}
