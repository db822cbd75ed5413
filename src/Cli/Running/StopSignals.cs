using System.Runtime.InteropServices;
using Mtlc.Cli.Output;
using Mtlc.Runtime.Machine;

namespace Mtlc.Cli.Running;

/// <summary>
/// Turns the first SIGINT, SIGTERM, SIGHUP or SIGUSR1 into a request to stop where nothing is lost. The second SIGINT ends the
/// process at once. </summary>
sealed partial class StopSignals : IDisposable
{
    // Batch systems (Slurm's --signal) announce the end of a job's time with SIGUSR1.
    const int LinuxUsr1 = 10;
    const int DarwinUsr1 = 30;

    /// <summary>What shells report of a process that SIGINT ended.</summary>
    const int Interrupted = 130;

    readonly CancellationTokenSource source = new();
    readonly List<PosixSignalRegistration> registrations = [];
    readonly string? onRequest;
    bool isDisposed;

    /// <param name="onRequest">Said on stderr when the first signal comes; null where the progress line says it.</param>
    public StopSignals(string? onRequest)
    {
        this.onRequest = onRequest;
        List<PosixSignal> signals = [PosixSignal.SIGINT, PosixSignal.SIGTERM];
        if (OperatingSystem.IsLinux())
            signals.Add((PosixSignal)LinuxUsr1);
        else if (OperatingSystem.IsMacOS())
            signals.Add((PosixSignal)DarwinUsr1);
        // Whoever starts a command with nohup wants it to outlive its terminal. A signal ignored at the start stays so until it
        // is handled here.
        if (!IgnoredSignals.Contain(IgnoredSignals.Hangup))
            signals.Add(PosixSignal.SIGHUP);
        registrations.AddRange(signals.Select(s => PosixSignalRegistration.Create(s, Handle)));
    }

    public CancellationToken Token => source.Token;

    /// <summary>Also when standard input ends: whoever started this process is gone, or asks it to stop.</summary>
    public void StopWhenInputEnds() =>
        new Thread(() =>
        {
            using var input = Console.OpenStandardInput();
            Span<byte> ignored = stackalloc byte[64];
            while (input.Read(ignored) > 0) { }
            lock (registrations)
            {
                if (!isDisposed)
                    source.Cancel();
            }
        })
        {
            IsBackground = true,
        }.Start();

    public void Dispose()
    {
        registrations.ForEach(r => r.Dispose());
        lock (registrations)
        {
            isDisposed = true;
            source.Dispose();
        }
    }

    // An orderly exit unloads libtorch under the thread that computes with it, which then fails loudly; files are whole at any
    // moment.
    static void End()
    {
        if (OperatingSystem.IsWindows())
            Environment.Exit(Interrupted);
        ExitNow(Interrupted);
    }

    [LibraryImport("libc", EntryPoint = "_exit")]
    private static partial void ExitNow(int code);

    void Handle(PosixSignalContext context)
    {
        if (source.IsCancellationRequested && context.Signal == PosixSignal.SIGINT)
        {
            if (Terminal.Output.IsInteractive)
                Terminal.Output.Writer.Write("\e[?25h"); // the progress line hides the cursor
            End();
        }
        context.Cancel = true;
        if (source.IsCancellationRequested)
            return;
        if (onRequest is not null)
            Terminal.Error.WriteLine(onRequest);
        source.Cancel();
    }
}
