import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.contains
import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.log
import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket

try (InvokerBitbucket bitbucket = InvokerBitbucket.of(context)) {
    bitbucket.created(8)
    def slurper = new groovy.json.JsonSlurper()
    assert bitbucket.triggers().collect { slurper.parseText(it).target }.collect { "$it.ref_type $it.ref_name" } == [
            'branch feature/x',
            'branch feature/x',
            'tag v1.0.0',
            'branch feature/x',
            'tag v1.0.0',
            'branch feature/checked-out',
            'branch feature/x',
            'branch feature/x']
    String log = log(basedir)
    assert log.findAll(/\[INFO] ((?:Branch|Tag) .* from .*)/) { it[1] } == [
            'Branch feature/x from GIT_BRANCH in the environment',
            'Branch feature/x from BRANCH_NAME in the environment',
            'Tag v1.0.0 from TAG_NAME in the environment',
            'Branch feature/x from CHANGE_BRANCH in the environment',
            'Tag v1.0.0 from GITHUB_REF_NAME in the environment',
            'Branch feature/checked-out from git',
            'Branch feature/x from CI_COMMIT_BRANCH in the environment',
            'Branch feature/x from BUILD_SOURCEBRANCH in the environment']
    assert log.findAll('no target is given, and none found').size() == 2
    contains(log, 'HEAD is detached', 'the environment has no BITBUCKET_TAG', 'a pull request from a fork',
            'branch feature/x from GIT_BRANCH (Jenkins) is not that of this checkout',
            'GIT_COMMIT is 0123456789abcdef0123456789abcdef01234567, and HEAD is ',
            'GIT_URL is https://bitbucket.org/acme/other.git, and the repository is acme/shop',
            'Give -Dbitbucket.branch')
}
