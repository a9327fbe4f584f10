import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket
import io.github.bitbucketpipelines.maven.testing.ScratchGit

InvokerBitbucket bitbucket = InvokerBitbucket.start(context)
ScratchGit git = ScratchGit.in(basedir).init()
git.run('checkout', '--quiet', '--detach')
git.run('worktree', 'add', '--quiet', '-b', 'feature/checked-out', 'on-a-branch')
String head = git.run('rev-parse', 'HEAD')
bitbucket.shop().branch('feature/x', head).branch('feature/checked-out', head)
return
