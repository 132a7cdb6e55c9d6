namespace Raywright.Gateway.Batching;

/// <summary>Requests in order of arrival, linked through themselves, so that one leaves from any place at once. Not safe for concurrent use.</summary>
internal sealed class WaitingQueue
{
    /// <summary>How far a batch looks past requests that do not fit it: those behind get their turn as the head soon.</summary>
    private const int LongestLook = 256;
    private WaitingRequest? first;
    private WaitingRequest? last;

    public int Count { get; private set; }

    public void Add(WaitingRequest request)
    {
        request.Previous = last;
        if (last is null)
            first = request;
        else
            last.Next = request;
        last = request;
        request.Queued = true;
        Count++;
    }

    /// <summary>False where it is not in the queue (any more).</summary>
    public bool Remove(WaitingRequest request)
    {
        if (!request.Queued)
            return false;
        if (request.Previous is null)
            first = request.Next;
        else
            request.Previous.Next = request.Next;
        if (request.Next is null)
            last = request.Previous;
        else
            request.Next.Previous = request.Previous;
        request.Previous = request.Next = null;
        request.Queued = false;
        Count--;
        return true;
    }

    /// <summary>Takes the oldest request and those behind it that may travel with it, up to <paramref name="mostRows"/> rows.</summary>
    public void TakeBatch(List<WaitingRequest> batch, long mostRows)
    {
        if (first is null)
            return;
        WaitingRequest head = first;
        long rows = head.Rows;
        WaitingRequest? request = head.Next;
        Take(head, batch);
        for (int looked = 0; request is not null && rows < mostRows && looked < LongestLook; looked++)
        {
            WaitingRequest? next = request.Next;
            if (rows + request.Rows <= mostRows && head.JoinsWith(request))
            {
                rows += request.Rows;
                Take(request, batch);
            }
            request = next;
        }
    }

    /// <summary>Takes those whose deadline has passed.</summary>
    public void TakeOverdue(List<WaitingRequest> overdue, long now)
    {
        for (WaitingRequest? request = first; request is not null;)
        {
            WaitingRequest? next = request.Next;
            if (request.Deadline <= now)
                Take(request, overdue);
            request = next;
        }
    }

    private void Take(WaitingRequest request, List<WaitingRequest> into)
    {
        Remove(request);
        into.Add(request);
    }
}
