//! The system calls that a confined program may not make (`seccomp(2)`): those that look into other processes, change
//! what a process sees of the machine, load code into the kernel, or are there for administrators. Everything else is
//! allowed, because runtimes of many languages are to work.

use nix::libc;
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule, TargetArch,
};
use std::collections::BTreeMap;
use std::io;

/// These are refused, whatever their arguments.
const REFUSED: &[i64] = &[
    // other processes
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_kcmp,
    libc::SYS_pidfd_getfd,
    libc::SYS_process_madvise,
    libc::SYS_migrate_pages,
    libc::SYS_move_pages,
    // namespaces and mounts
    libc::SYS_unshare,
    libc::SYS_setns,
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_pivot_root,
    libc::SYS_chroot,
    libc::SYS_open_tree,
    libc::SYS_move_mount,
    libc::SYS_fsopen,
    libc::SYS_fsconfig,
    libc::SYS_fsmount,
    libc::SYS_fspick,
    libc::SYS_mount_setattr,
    libc::SYS_name_to_handle_at,
    libc::SYS_open_by_handle_at,
    libc::SYS_quotactl,
    libc::SYS_quotactl_fd,
    libc::SYS_fanotify_init,
    // large parts of the kernel that no exercise needs
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_userfaultfd,
    libc::SYS_io_uring_setup,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_keyctl,
    // the machine
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_delete_module,
    libc::SYS_kexec_load,
    libc::SYS_kexec_file_load,
    libc::SYS_reboot,
    libc::SYS_swapon,
    libc::SYS_swapoff,
    libc::SYS_syslog,
    libc::SYS_acct,
    libc::SYS_vhangup,
    libc::SYS_sethostname,
    libc::SYS_setdomainname,
    libc::SYS_settimeofday,
    libc::SYS_clock_settime,
    libc::SYS_adjtimex,
    libc::SYS_clock_adjtime,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_iopl,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_ioperm,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_modify_ldt,
];

/// Memory that belongs to no process as long as it is not mapped. Only a control group counts it.
const REFUSED_WHERE_NOTHING_COUNTS: &[i64] = &[libc::SYS_memfd_create, libc::SYS_memfd_secret, libc::SYS_shmget];

/// Kinds of namespaces, of which `clone` makes new ones.
const NAMESPACES: i32 = libc::CLONE_NEWUSER
    | libc::CLONE_NEWNS
    | libc::CLONE_NEWPID
    | libc::CLONE_NEWNET
    | libc::CLONE_NEWIPC
    | libc::CLONE_NEWUTS
    | libc::CLONE_NEWCGROUP;

/// The only kinds of sockets: some others are not part of a network namespace (AF_VSOCK reaches the hypervisor).
const SOCKETS: [i32; 3] = [libc::AF_UNIX, libc::AF_INET, libc::AF_INET6];

/// On x86-64 a kernel may know each call by a second number (of the ABI x32), and a few by a third.
#[cfg(target_arch = "x86_64")]
const X32: i64 = 0x4000_0000;
#[cfg(target_arch = "x86_64")]
const REFUSED_OF_X32: [i64; 4] = [X32 + 521, X32 + 528, X32 + 539, X32 + 540]; // ptrace, kexec_load, process_vm_*

/// Forbids them to this process, and to all that it starts; `counted` says whether a control group bounds its memory.
///
/// # Errors
/// The kernel has no seccomp, or there is none for this kind of processor.
pub(super) fn restrict(counted: bool) -> io::Result<()> {
    for filter in filters(counted).map_err(io::Error::other)? {
        seccompiler::apply_filter(&filter).map_err(io::Error::other)?;
    }
    Ok(())
}

fn filters(counted: bool) -> Result<[BpfProgram; 2], seccompiler::BackendError> {
    let arch = TargetArch::try_from(std::env::consts::ARCH)?;
    let errno = |errno: i32| SeccompAction::Errno(errno.unsigned_abs());
    let when = |at, is, value: i32| SeccompCondition::new(at, SeccompCmpArgLen::Dword, is, value.unsigned_abs().into());
    let bits = (0..32).map(|bit| 1 << bit).filter(|bit| NAMESPACES & bit != 0);
    let with_namespace = bits
        .map(|bit: i32| {
            let bits = bit.unsigned_abs().into();
            SeccompRule::new(vec![when(0, SeccompCmpOp::MaskedEq(bits), bit)?])
        })
        .collect::<Result<_, _>>()?;
    let other_socket = SOCKETS.iter().map(|family| when(0, SeccompCmpOp::Ne, *family)).collect::<Result<_, _>>()?;
    let uncounted = REFUSED_WHERE_NOTHING_COUNTS.iter().filter(|_| !counted);
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> =
        REFUSED.iter().chain(uncounted).map(|call| (*call, Vec::new())).collect();
    rules.insert(libc::SYS_clone, with_namespace);
    rules.insert(libc::SYS_socket, vec![SeccompRule::new(other_socket)?]);
    // Its arguments lie in memory, where no filter looks. Whoever is told that there is none takes `clone`.
    let mut absent = BTreeMap::from([(libc::SYS_clone3, Vec::new())]);
    #[cfg(target_arch = "x86_64")]
    for rules in [&mut rules, &mut absent] {
        let again: Vec<_> = rules.iter().map(|(call, rules)| (call | X32, rules.clone())).collect();
        rules.extend(again);
    }
    #[cfg(target_arch = "x86_64")]
    rules.extend(REFUSED_OF_X32.map(|call| (call, Vec::new())));
    let filter = |rules, action| SeccompFilter::new(rules, SeccompAction::Allow, action, arch)?.try_into();
    Ok([filter(absent, errno(libc::ENOSYS))?, filter(rules, errno(libc::EPERM))?])
}
